"""New passwords and keys for the running shop, while it is used: `make rotate`.

Whatever this is interrupted in, the next `make up` brings server and secret together again: both follow the
files in the shop's home, which are written first.
"""

import json

import httpx

from local.emulator.clients import client
from local.errors import LocalError
from local.paths import HOME, LOOPBACK, port, replace_secret, valid_secrets, write_atomically
from local.postgres import owner_of
from local.postgres import rotate as rotate_password
from local.processes import exclusive
from local.provision import keep_secrets, secret_names
from local.up import PROVIDER_API_KEY, PROVIDER_WEBHOOK, SHOP_FILE, SQL_SERVICES, provider_secret

WITHOUT_OVERLAP = "another password; what is connected stays so"


def rotate() -> None:
    """Replace the passwords of all users of databases, the provider's API key and the secret of its webhooks.

    A password is another one from a moment on, and functions that log in just then wait for its secret. The
    provider takes the key before, and signs with the secret before, too, until the next rotation.
    """
    with exclusive():
        if not SHOP_FILE.exists():
            raise LocalError("The shop is not running. Run 'make up' first, then try again.")
        store = client("secretsmanager")
        for service in SQL_SERVICES:
            names = secret_names(service)
            users = {names["database_secret"]: service, names["database_owner_secret"]: owner_of(service)}
            for name, user in users.items():
                keep_secrets(store, {name: {**rotate_password(service, user)}})
                print(f"  {name}: {WITHOUT_OVERLAP}")
        for name in (PROVIDER_API_KEY, PROVIDER_WEBHOOK):
            replace_secret(name, overlap=True)
        # First the one who signs and who checks keys, then those who hold them.
        _tell_provider()
        name = secret_names("payment")["payment_provider_secret"]
        keep_secrets(store, {name: provider_secret()})
        print(f"  {name}: another key and another webhook secret; those before are valid until the next time")
        described = json.loads(SHOP_FILE.read_text(encoding="utf-8"))
        described["webhook_secret"] = valid_secrets(PROVIDER_WEBHOOK)[0]
        write_atomically(SHOP_FILE, json.dumps(described, indent=2, ensure_ascii=False) + "\n", 0o600)


def _tell_provider() -> None:
    keys = {
        "api_keys": valid_secrets(PROVIDER_API_KEY, HOME),
        "webhook_secrets": valid_secrets(PROVIDER_WEBHOOK, HOME),
    }
    with httpx.Client(trust_env=False, timeout=10) as http:
        http.put(f"http://{LOOPBACK}:{port('provider')}/control/keys", json=keys).raise_for_status()

"""Cognito's id tokens: which are believed, with real keys behind a real address."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
import pytest
from attrs import define, field
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from jwt.algorithms import RSAAlgorithm

from common.aws.tokens import CognitoTokens
from common.domain.customer import Customer
from common.errors import Unauthenticated, Unavailable
from tests.fakes import START, FakeClock

ISSUER = "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Shop"
CLIENT = "client-of-the-shop"
NOW = int(START.timestamp())

OURS = generate_private_key(65537, 2048)
THEIRS = generate_private_key(65537, 2048)


@define
class Pool:
    """A user pool: the keys that it serves, and how often it was asked for them."""

    keys: dict[str, RSAPrivateKey] = field(factory=lambda: {"key-1": OURS})
    asked: int = 0

    def jwks(self) -> bytes:
        found = [
            json.loads(RSAAlgorithm.to_jwk(key.public_key())) | {"kid": kid, "alg": "RS256", "use": "sig"}
            for kid, key in self.keys.items()
        ]
        return json.dumps({"keys": found}).encode()


@pytest.fixture
def pool() -> Pool:
    return Pool()


@pytest.fixture
def tokens(pool: Pool, clock: FakeClock) -> Iterator[CognitoTokens]:
    class Keys(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            pool.asked += 1
            self.send_response(200)
            self.end_headers()
            self.wfile.write(pool.jwks())

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Prints nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Keys)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield CognitoTokens(ISSUER, CLIENT, f"http://127.0.0.1:{server.server_address[1]}/jwks.json", clock)
    server.shutdown()
    server.server_close()


def claims(**changed: Any) -> dict[str, Any]:
    """What Cognito puts into an id token, with some claims changed; those that are None are left out."""
    found = {
        "sub": "b7f2",
        "iss": ISSUER,
        "aud": CLIENT,
        "token_use": "id",
        "iat": NOW - 60,
        "exp": NOW + 3600,
        "auth_time": NOW - 60,
        "email": "ada@example.com",
        "email_verified": True,
        "name": "Ada Lovelace",
        "cognito:username": "ada",
    }
    return {name: value for name, value in {**found, **changed}.items() if value is not None}


def signed(
    content: dict[str, Any], key: RSAPrivateKey = OURS, kid: str | None = "key-1", algorithm: str = "RS256"
) -> str:
    return jwt.encode(content, key, algorithm=algorithm, headers={"kid": kid} if kid else None)


def assembled(header: dict[str, Any], content: dict[str, Any], sign: Callable[[bytes], bytes]) -> str:
    """A token by hand, as no decent library would make it."""
    parts = [_base64(json.dumps(part).encode()) for part in (header, content)]
    return ".".join([*parts, _base64(sign(".".join(parts).encode()))])


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def test_a_customers_token_is_believed(tokens: CognitoTokens) -> None:
    """The customer is the `sub`, with the verified address, the name and no group."""
    assert tokens.verify(signed(claims())) == Customer("b7f2", "ada@example.com", "Ada Lovelace")


def test_a_name_need_not_be_there(tokens: CognitoTokens) -> None:
    """Who did not say one has an empty one."""
    assert tokens.verify(signed(claims(name=None))).name == ""


@pytest.mark.parametrize(
    "groups", [["operators", "staff"], "[operators staff]", "operators,staff", "[operators, staff]"]
)
def test_groups_are_read_in_every_form(tokens: CognitoTokens, groups: object) -> None:
    """As Cognito lists them, and as gateways and emulators write lists into text."""
    person = tokens.verify(signed(claims(**{"cognito:groups": groups})))
    assert person.groups == {"operators", "staff"}
    assert person.is_operator


@pytest.mark.parametrize("groups", [[], "", "[]", "operators2", "xoperators", ["Operators"]])
def test_who_is_no_operator_is_none(tokens: CognitoTokens, groups: object) -> None:
    """A group that only looks like it is another one."""
    assert not tokens.verify(signed(claims(**{"cognito:groups": groups}))).is_operator


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": ISSUER + "2"},
        {"iss": None},
        {"aud": "another-client"},
        {"aud": None},
        {"aud": [CLIENT + "2"]},
        {"exp": NOW},
        {"exp": NOW - 1},
        {"exp": None},
        {"exp": "tomorrow"},
        {"exp": True},
        {"iat": NOW + 61},
        {"iat": None},
        {"nbf": NOW + 61},
        {"token_use": "access"},
        {"token_use": None},
        {"sub": None},
        {"sub": ""},
        {"sub": 5},
        {"email_verified": False},
        {"email_verified": "false"},
        {"email_verified": None},
        {"email": None},
        {"email": 5},
        {"name": ["Ada"]},
    ],
    ids=repr,
)
def test_a_token_with_a_wrong_claim_is_refused(tokens: CognitoTokens, changed: dict[str, Any]) -> None:
    """Another pool, another client, another use, another time, no subject, an address nobody verified."""
    with pytest.raises(Unauthenticated):
        tokens.verify(signed(claims(**changed)))


def test_a_token_expires_by_the_shops_clock(tokens: CognitoTokens, clock: FakeClock) -> None:
    """It is believed until its last second, whatever the computer's time is."""
    token = signed(claims())
    clock.advance(timedelta(seconds=3599))
    tokens.verify(token)
    clock.advance(timedelta(seconds=1))
    with pytest.raises(Unauthenticated):
        tokens.verify(token)


def test_clocks_may_differ_a_little(tokens: CognitoTokens) -> None:
    """A token issued a minute ahead of the shop's clock is believed."""
    assert tokens.verify(signed(claims(iat=NOW + 60, nbf=NOW + 60)))


def test_an_unsigned_token_is_refused(tokens: CognitoTokens) -> None:
    """`alg: none`, in any spelling, with and without something in the place of a signature."""
    for algorithm in ("none", "None", "NONE", ""):
        for signature in (b"", b"signature"):
            header = {"alg": algorithm, "kid": "key-1", "typ": "JWT"}
            with pytest.raises(Unauthenticated):
                tokens.verify(assembled(header, claims(), lambda _, signature=signature: signature))  # type: ignore[misc]


def test_the_public_key_is_no_shared_secret(tokens: CognitoTokens) -> None:
    """HS256, keyed with the pool's public key in any form of it, which everybody knows."""
    public = OURS.public_key()
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    keys = [
        public.public_bytes(encoding, form)
        for encoding in (serialization.Encoding.PEM, serialization.Encoding.DER)
    ]
    keys.append(json.dumps(json.loads(RSAAlgorithm.to_jwk(public))).encode())
    for key in keys:
        header = {"alg": "HS256", "kid": "key-1", "typ": "JWT"}
        with pytest.raises(Unauthenticated):
            tokens.verify(
                assembled(header, claims(), lambda text, key=key: hmac.digest(key, text, hashlib.sha256))
            )  # type: ignore[misc]


def test_another_key_is_refused(tokens: CognitoTokens) -> None:
    """Somebody else's under our key's name, an unknown one or none; ours, but with another hash."""
    for token in (
        signed(claims(), THEIRS),
        signed(claims(), THEIRS, "key-9"),
        signed(claims(), THEIRS, None),
        signed(claims(), OURS, None),
        signed(claims(), OURS, algorithm="RS512"),
    ):
        with pytest.raises(Unauthenticated):
            tokens.verify(token)


def test_a_token_brings_no_key_of_its_own(tokens: CognitoTokens) -> None:
    """Keys, and addresses of keys, in a token's header are not looked at."""
    key = json.loads(RSAAlgorithm.to_jwk(THEIRS.public_key()))
    for extra in ({"jwk": key}, {"jku": "http://127.0.0.1:1/"}, {"x5u": "http://127.0.0.1:1/"}):
        token = jwt.encode(claims(), THEIRS, algorithm="RS256", headers={"kid": "key-1", **extra})
        with pytest.raises(Unauthenticated):
            tokens.verify(token)


@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_changed_token_is_refused(tokens: CognitoTokens, part: int) -> None:
    """One character of any part."""
    parts = signed(claims()).split(".")
    middle = len(parts[part]) // 2
    changed = "A" if parts[part][middle] != "A" else "B"
    parts[part] = parts[part][:middle] + changed + parts[part][middle + 1 :]
    with pytest.raises(Unauthenticated):
        tokens.verify(".".join(parts))


@pytest.mark.parametrize("token", ["", ".", "..", "...", "a.b.c", "x" * 10_000, "é.é.é", "\0", "e30.e30.e30"])
def test_what_is_no_token_is_refused(tokens: CognitoTokens, token: str) -> None:
    """And never an error of the library."""
    with pytest.raises(Unauthenticated):
        tokens.verify(token)


def test_keys_are_fetched_once(tokens: CognitoTokens, pool: Pool) -> None:
    """Tokens of known keys ask nobody; nor do strangers' tokens make the shop ask for ever."""
    for _ in range(5):
        tokens.verify(signed(claims()))
    assert pool.asked == 1
    for number in range(20):
        with pytest.raises(Unauthenticated):
            tokens.verify(signed(claims(), THEIRS, f"unknown-{number}"))
    assert pool.asked <= 2


def test_a_pool_has_more_than_one_key(tokens: CognitoTokens, pool: Pool) -> None:
    """Cognito publishes the next key beside the one in use; each verifies its own tokens only."""
    pool.keys["key-2"] = THEIRS
    assert tokens.verify(signed(claims(), THEIRS, "key-2"))
    assert tokens.verify(signed(claims()))
    with pytest.raises(Unauthenticated):
        tokens.verify(signed(claims(), THEIRS, "key-1"))


def test_keys_that_cannot_be_fetched_are_our_fault(clock: FakeClock) -> None:
    """The customer is not told to sign in again, but to try again."""
    nowhere = CognitoTokens(ISSUER, CLIENT, "http://127.0.0.1:1/jwks.json", clock)
    with pytest.raises(Unavailable):
        nowhere.verify(signed(claims()))

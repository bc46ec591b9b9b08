"""The running shop that the tests of this folder use: its commands, its people, and a look behind it."""

import email.policy
import json
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from email.message import EmailMessage
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import httpx
import pg8000.native
from attrs import define, field, frozen
from cassandra.cluster import Cluster
from cassandra.query import dict_factory

from local import cassandra, processes
from local.customer import Customer, sign_in
from local.emulator import clients
from local.paths import LOOPBACK, ROOT, recorded_ports, secret
from local.provision import ARCHIVE_KEYSPACE
from tests.api.answers import check

T = TypeVar("T")
Row = dict[str, Any]

# A minute of the shop's schedules lasts so long; a message that was not handled waits three times that.
SECONDS_PER_MINUTE = 6
# For what takes the shop less than a second, on a machine that does much else.
PATIENCE_SECONDS = 90
BUCKET = "shop-invoices-local"
ORDER_HEADER = "X-Shop-Order"


@frozen
class Person:
    """Somebody whom only one test knows, signed in."""

    name: str
    email: str
    password: str = field(repr=False)
    shop: Customer

    def ordered(self, *lines: tuple[str, int]) -> str:
        """Places an order of (product, quantity) lines that must be accepted; its id."""
        answer = self.shop.order(lines)
        assert answer.status_code == 201, answer.text
        assert answer.json()["status"] == "awaiting_payment"
        return str(answer.json()["order_id"])

    def order(self, order_id: str) -> Row:
        """The order as the shop tells its customer."""
        return found(self.shop.get(f"/orders/{order_id}"))

    def pay(self, order_id: str) -> None:
        self.shop.press(self.shop.checkout(order_id), "pay")

    def decline(self, order_id: str) -> None:
        self.shop.press(self.shop.checkout(order_id), "decline")

    def sees(self, order_id: str, status: str) -> Row:
        """The order, as soon as it has this status."""

        def look() -> Row | None:
            order = self.order(order_id)
            return order if order["status"] == status else None

        return eventually(f"order {order_id} to be {status}", look)

    def payments(self, order_id: str) -> list[Row]:
        payments: list[Row] = found(self.shop.get(f"/payments/{order_id}"))["payments"]
        return payments


@define
class RunningShop:
    """The shop that is kept in `home`, started and stopped by the commands of the Makefile."""

    home: Path
    described: Mapping[str, Any] = field(factory=dict, init=False)
    """What its shop.json says."""
    stock_at_start: Mapping[str, int] = field(factory=dict, init=False)
    """For each product what can be ordered, and what was ordered before these tests."""
    secrets: set[str] = field(factory=set, init=False, repr=False)
    """Passwords and tokens that were given out."""
    _products: Iterator[str] = field(factory=lambda: iter(()), init=False)

    def make(self, *words: str) -> str:
        """Runs `make WORDS`, which must succeed; what it printed."""
        done = subprocess.run(
            self.command(*words),
            cwd=ROOT,
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"make {' '.join(words)}:\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def command(self, *words: str) -> list[str]:
        # The Python that made .local/venv, lest another one has it made anew under a running shop.
        installed = ROOT / ".local" / "venv" / "bin" / "python"
        return ["make", f"PYTHON={installed if installed.exists() else sys.executable}", *words]

    def environment(self) -> dict[str, str]:
        ours = {
            name: value
            for name, value in os.environ.items()
            if name == "AWS_ENDPOINT_URL" or not name.startswith("AWS_")
        }
        return ours | {"SHOP_HOME": str(self.home), "SHOP_SECONDS_PER_MINUTE": str(SECONDS_PER_MINUTE)}

    def begin(self, described: Mapping[str, Any]) -> None:
        """Reads who the shop is, and which products there are to order."""
        self.described = described
        on_sale = self.rows(
            "inventory",
            "SELECT product_id FROM stock GROUP BY 1 HAVING sum(available) >= 30 ORDER BY 1",
        )
        self._products = iter([row["product_id"] for row in on_sale])

    def rotate(self) -> None:
        """Runs `make rotate`, and reads again what is in shop.json; what was valid before stays a secret."""
        self.secrets |= kept_secrets(self)
        self.make("rotate")
        self.described = json.loads((self.home / "shop.json").read_text(encoding="utf-8"))

    def product(self) -> str:
        """A product that no other test orders, with 30 pieces at least."""
        return next(self._products)

    def available(self, product_id: str) -> int:
        """How many pieces of it the inventory has to sell."""
        rows = self.rows(
            "inventory", "SELECT sum(available) AS n FROM stock WHERE product_id = :id", id=product_id
        )
        return int(rows[0]["n"])

    def person(self) -> Person:
        """A new customer."""
        name = f"customer-{uuid.uuid4().hex[:12]}"
        address, password = f"{name}@customers.example", f"Aa1-{uuid.uuid4()}"
        pool = {"UserPoolId": self.described["user_pool_id"], "Username": name}
        attributes = {"email": address, "email_verified": "true", "name": "Ada Ďurišová"}
        self.aws("cognito-idp").admin_create_user(
            **pool,
            MessageAction="SUPPRESS",
            UserAttributes=[{"Name": key, "Value": value} for key, value in attributes.items()],
        )
        self.aws("cognito-idp").admin_set_user_password(**pool, Password=password, Permanent=True)
        customer = Customer(
            self.described["api"],
            sign_in(self.described, name, password).token,
            _checked(self.described["api"]),
        )
        self.secrets |= {password, customer.token}
        return Person(name, address, password, customer)

    def aws(self, service: str) -> Any:
        """A client of one AWS service of this shop, with all rights."""
        return _aws(service, self.home)

    def call(self, function: str, arguments: Mapping[str, Any]) -> Any:
        """Invokes an internal function, such as inventory-local-get_inventory; its answer as it came."""
        payload = json.dumps({"arguments": arguments, "correlation_id": "e2e"})
        answer = self.aws("lambda").invoke(FunctionName=function, Payload=payload)
        return answer["Payload"].read()

    def rows(self, service: str, sql: str, **values: Any) -> list[Row]:
        """What one statement finds in the database of a service."""
        with self.database(service) as database:
            result = database.run(sql, **values)
            names = [column["name"] for column in database.columns or ()]
        return [dict(zip(names, row, strict=True)) for row in result or ()]

    def archived(self) -> dict[str, Row]:
        """The orders that Cassandra has, by their ids."""
        address = cassandra.ensure_keyspace(ARCHIVE_KEYSPACE, self.home)
        with Cluster(address["contact_points"], port=address["port"]) as cluster:
            session = cluster.connect(address["keyspace"])
            session.row_factory = dict_factory
            found = list(session.execute("SELECT * FROM archived_orders"))
        return {str(order["order_id"]): order for order in found}

    def operator(self) -> Customer:
        """Somebody of the shop's own, signed in."""
        user = self.described["operators"][0]
        return sign_in(self.described, user["user"], user["password"])

    @contextmanager
    def database(self, service: str, role: str = "") -> Iterator[pg8000.native.Connection]:
        """A connection to the database of a service, as its owner or another role."""
        role = role or service
        connection = pg8000.native.Connection(
            role,
            host=LOOPBACK,
            port=recorded_ports(self.home)["postgres"],
            database=service,
            password=secret(f"postgres-{role}", self.home),
            timeout=30,
        )
        try:
            yield connection
        finally:
            connection.close()

    def invoices(self, order_id: str = "") -> dict[str, bytes]:
        """The PDFs in the bucket by key: all of them, or those of one order."""
        store = self.aws("s3")
        pages = store.get_paginator("list_objects_v2").paginate(Bucket=BUCKET, Prefix=f"invoices/{order_id}")
        keys = [item["Key"] for page in pages for item in page.get("Contents", ())]
        return {key: store.get_object(Bucket=BUCKET, Key=key)["Body"].read() for key in keys}

    def mails(self, address: str = "") -> list[EmailMessage]:
        """The mails to an address, or all of them, as the mailbox has them."""
        mailbox = self.described["mailbox"]
        with httpx.Client(trust_env=False, timeout=30) as client:
            return [
                email.message_from_bytes(
                    client.get(f"{mailbox}/messages/{listed['id']}").content, policy=email.policy.default
                )
                for listed in found(client.get(f"{mailbox}/messages"))
                if not address or address in listed["to"]
            ]

    def control(self, method: str, path: str, body: object = None) -> Row:
        """Tells the payment provider how to behave, or asks it."""
        address = f"{self.described['payment_provider']}/control{path}"
        with httpx.Client(trust_env=False, timeout=30) as client:
            return found(client.request(method, address, json=body))

    def events(self, order_id: str = "") -> list[Row]:
        """What the provider announced, of all orders or one, newest first."""
        events: list[Row] = self.control("GET", "/events")["events"]
        return [event for event in events if not order_id or _order_of(event) == order_id]

    def pid(self, server: str) -> int:
        running = processes.find(server, self.home)
        assert running is not None, f"{server} was never started"
        return running.pid

    def kill(self, server: str) -> None:
        """Ends a server as a power cut would."""
        os.kill(self.pid(server), signal.SIGKILL)

    def is_up(self) -> bool:
        """Whether all its servers run, and the last start came to its end."""
        states = processes.status(self.home).values()
        return (self.home / "shop.json").exists() and bool(states) and all(states)

    def alive(self) -> set[str]:
        """The names of the servers that run."""
        return {name for name, runs in processes.status(self.home).items() if runs}

    def waiting_for_locks(self, service: str) -> int:
        """How many statements in the database of the service wait for another one to end."""
        sql = "SELECT 1 FROM pg_stat_activity WHERE datname = :name AND wait_event_type = 'Lock'"
        with self.database(service) as database:
            return len(database.run(sql, name=service))

    def workers(self, *functions: str) -> list[int]:
        """The processes that run these functions."""
        names = {f"AWS_LAMBDA_FUNCTION_NAME={function}" for function in functions}
        return [
            pid for pid in self.processes() if names & set(_text(Path(f"/proc/{pid}/environ")).split("\0"))
        ]

    def processes(self) -> dict[int, str]:
        """Every process of this shop, with its command: those that name its home, or work in it.

        Those who run the tests are none of them: a server has left their session.
        """
        own = str(self.home)
        belong = {}
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                where = os.readlink(folder / "cwd")
                if os.getsid(int(folder.name)) == os.getsid(0):
                    continue
            except OSError:
                continue
            command = _text(folder / "cmdline").replace("\0", " ")
            if where.startswith(own) or own in command:
                belong[int(folder.name)] = f"{command} in {where}"
        return belong


def _checked(api: str) -> httpx.Client:
    """A client whose answers from the shop must be those that docs/api/openapi.json has."""

    def look(answer: httpx.Response) -> None:
        request, url = answer.request, answer.request.url
        if str(url).startswith(api):
            target = url.raw_path.decode()
            check(request.method, target, request.content, answer.status_code, answer.headers, answer.read())

    return httpx.Client(timeout=30, trust_env=False, event_hooks={"response": [look]})


def found(answer: httpx.Response) -> Any:
    """The body of an answer that must be a success."""
    assert answer.is_success, (
        f"{answer.request.method} {answer.request.url}: {answer.status_code} {answer.text}"
    )
    return answer.json()


def is_problem(answer: httpx.Response, status: int, code: str | None = None) -> bool:
    """Whether this is an error of this status in the form of RFC 9457."""
    assert answer.status_code == status, f"{answer.status_code} {answer.text}"
    body = answer.json()
    assert answer.headers["content-type"].startswith("application/problem+json"), answer.headers
    assert body["status"] == status
    assert {"type", "title", "detail"} <= body.keys(), body
    return code is None or bool(body["code"] == code)


def eventually(what: str, look: Callable[[], T | None], seconds: float = PATIENCE_SECONDS) -> T:
    """What `look` finds, as soon as that is something; AssertionError if it never is."""
    end = time.monotonic() + seconds
    while not (seen := look()):
        assert time.monotonic() < end, f"waited {seconds} s in vain for {what}"
        time.sleep(0.1)
    return seen


def attached(mails: Sequence[EmailMessage]) -> list[bytes]:
    """What is attached to the mails."""
    return [part.get_content() for mail in mails for part in mail.iter_attachments()]


def _order_of(event: Row) -> str | None:
    about = event["event"]["data"]["object"]
    named: str | None = (about.get("metadata") or {}).get("order_id")
    return named


def _text(file: Path) -> str:
    try:
        return file.read_text(errors="replace")
    except OSError:
        return ""


@cache
def _aws(service: str, home: Path) -> Any:
    return clients.client(service, home)


def kept_secrets(shop: RunningShop) -> set[str]:
    """The passwords, keys and secrets that this shop made for itself."""
    kept = {file.read_text(encoding="utf-8") for file in (shop.home / "secrets").iterdir()}
    return kept | set(json.loads((shop.home / "users.json").read_text(encoding="utf-8")).values())

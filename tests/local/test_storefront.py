"""The storefront as the gateway serves it: which files, what is said of them, and the way to the pool."""

import asyncio
import json
import re
from pathlib import Path

import httpx
import pytest
from attrs import define, field

from local import storefront
from local.gateway import application

EMULATOR = "http://127.0.0.1:4566"
POOL = "http://127.0.0.1:4567"
SIGN_IN = "AWSCognitoIdentityProviderService.InitiateAuth"
SHOP = {
    "region": "us-east-1",
    "user_pool_id": "us-east-1_Abc",
    "client_id": "client",
    "user_pool_endpoint": POOL,
    "webhook_secret": "whsec_1",
    "customers": [{"user": "zoe", "password": "secret"}],
}


@define
class FakePool(httpx.AsyncBaseTransport):
    """Refuses everybody, or does not answer, and remembers what it was asked."""

    is_away: bool = False
    asked: list[httpx.Request] = field(factory=list)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        self.asked.append(request)
        if self.is_away:
            raise httpx.ConnectError("refused")
        return httpx.Response(400, headers={"content-type": "application/x-amz-json-1.1"}, content=b'{"a":1}')


@define
class Site:
    """The storefront of a shop that shop.json describes, or of one that is not up."""

    shop_file: Path
    pool: FakePool = field(factory=FakePool)

    def ask(self, method: str, path: str, **named: object) -> httpx.Response:
        app = application(EMULATOR, self.shop_file.parent, self.shop_file, {}.get, self.pool)

        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(app=app)
            async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
                return await client.request(method, path, **named)  # type: ignore[arg-type]

        return asyncio.run(send())


@pytest.fixture
def site(tmp_path: Path) -> Site:
    (tmp_path / "shop.json").write_text(json.dumps(SHOP), encoding="utf-8")
    return Site(tmp_path / "shop.json")


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html"),
        ("/app.js", "text/javascript"),
        ("/pages/cart.js", "text/javascript"),
        ("/styles/base.css", "text/css"),
        ("/icon.svg", "image/svg+xml"),
        ("/vendor/lit-html/lit-html.js", "text/javascript"),
        ("/config.json", "application/json"),
    ],
)
def test_what_is_served_says_what_browsers_must_know(path: str, kind: str, site: Site) -> None:
    """Each file with its type, and with a policy that lets it run nothing but the site's own scripts."""
    answer = site.ask("GET", path)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(kind)
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"].split() == policy["style-src"].split() == ["'self'"]
    assert policy["connect-src"].split() == ["'self'"]
    assert policy["require-trusted-types-for"] == "'script'"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-cache"


def test_a_file_that_has_not_changed_is_not_sent_again(site: Site) -> None:
    """A browser that has it asks whether it is still so."""
    tag = site.ask("GET", "/app.js").headers["etag"]
    again = site.ask("GET", "/app.js", headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    "path", ["/..%2Fheaders.json", "/%2e%2e/headers.json", "/vendor/..%2F.stamp", "/pages"]
)
def test_only_the_site_is_served(path: str, site: Site) -> None:
    """Nothing beside its folders, and no list of what is in them."""
    assert site.ask("GET", path).status_code == 404


def test_the_page_is_told_where_it_is_and_no_secret(site: Site) -> None:
    """The pool and its client, by the path of this gateway; nothing else of what shop.json knows."""
    told = site.ask("GET", "/config.json")
    known = told.json()
    assert {key: known[key] for key in ("region", "user_pool_id", "client_id", "pool_endpoint")} == {
        "region": "us-east-1",
        "user_pool_id": "us-east-1_Abc",
        "client_id": "client",
        "pool_endpoint": "/pool",
    }
    assert "secret" not in told.text
    assert "whsec_1" not in told.text


def test_a_shop_that_is_not_up_yet(site: Site) -> None:
    """The page is told to come again."""
    site.shop_file.unlink()
    answer = site.ask("GET", "/config.json")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")


def test_a_sign_in_is_handed_on(site: Site) -> None:
    """Body and action as they are, the browser's own headers not; the pool's answer comes back."""
    answer = site.ask("POST", "/pool", content=b'{"b":2}', headers={"X-Amz-Target": SIGN_IN, "Cookie": "c=1"})
    (asked,) = site.pool.asked
    assert (asked.url, asked.content, asked.headers["x-amz-target"]) == (f"{POOL}/", b'{"b":2}', SIGN_IN)
    assert "cookie" not in asked.headers
    assert (answer.status_code, answer.content) == (400, b'{"a":1}')
    assert answer.headers["content-type"] == "application/x-amz-json-1.1"
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "target",
    [
        "",
        "AWSCognitoIdentityProviderService.AdminGetUser",
        "AWSCognitoIdentityProviderService.CreateUserPool",
        "AmazonSQS.SendMessage",
        f"{SIGN_IN}x",
    ],
)
def test_nothing_but_signing_in_and_out_is_handed_on(target: str, site: Site) -> None:
    """Not what administers the pool, and no other service of the emulator."""
    assert site.ask("POST", "/pool", content=b"{}", headers={"X-Amz-Target": target}).status_code == 403
    assert site.ask("GET", "/pool", headers={"X-Amz-Target": SIGN_IN}).status_code == 404
    assert not site.pool.asked


def test_what_nobody_signs_in_with_is_not_handed_on(site: Site) -> None:
    """A body of more than 64 KB."""
    answer = site.ask("POST", "/pool", content=b"x" * 65_537, headers={"X-Amz-Target": SIGN_IN})
    assert answer.status_code == 413
    assert not site.pool.asked


def test_a_pool_that_is_away(site: Site) -> None:
    """Come again."""
    site.pool.is_away = True
    answer = site.ask("POST", "/pool", content=b"{}", headers={"X-Amz-Target": SIGN_IN})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")


def test_every_import_of_the_site_leads_to_a_file() -> None:
    """Of the site, or of the library that is installed: in CI without a browser nobody else would notice."""
    for file in storefront.SITE.rglob("*.js"):
        for name in re.findall(r'from "(.+?)"', file.read_text(encoding="utf-8")):
            target = (file.parent / name).resolve()
            if "vendor" in target.relative_to(storefront.SITE).parts:
                target = storefront.LIBRARIES / target.relative_to(storefront.SITE / "vendor")
            assert target.is_file(), f"{file.name} imports {name}"

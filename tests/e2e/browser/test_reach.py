"""The storefront for everybody: by keyboard, on a phone, in the dark, for screen readers."""

import tarfile
from collections.abc import Iterator

import pytest
from selenium.webdriver import Keys

from tests.e2e.browser.window import DESKTOP, PHONE, Window
from tests.e2e.running import Person, RunningShop, eventually, found
from tests.npm import packed

AXE = "axe-core@4.14.1"
# The rules of WCAG 2.2, levels A and AA, and what the makers of axe hold for good besides.
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

_LOOK = """
const [rules, done] = arguments;
axe.run(document, { runOnly: rules }).then(({ violations }) => done(violations.map(
  ({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html.slice(0, 120)).join(" ")}`,
)));
"""


@pytest.fixture(scope="session")
def axe() -> str:
    """The source of axe-core, which finds what keeps people out."""
    with tarfile.open(packed(AXE)) as archive:
        source = archive.extractfile("package/axe.min.js")
        assert source is not None
        return source.read().decode()


@pytest.fixture
def pages(window: Window, person: Person, shop: RunningShop) -> Iterator[str]:
    """Visits one page of each kind, and says which."""

    def visit() -> Iterator[str]:
        window.go()
        window.finds("#password")
        yield "sign-in"
        window.sign_in(person)
        window.finds(".card-name")
        yield "home"
        window.go("#/products?category=knives")
        window.sees("Gyuto")
        yield "products"
        window.go(f"#/products/{shop.product()}")
        window.press("Add to cart")
        window.sees("1 piece added.")
        yield "product"
        window.go("#/cart")
        window.sees("Total, 1 piece")
        yield "cart"
        window.press("Place order")
        window.sees("Waiting for payment")
        yield "order"
        window.press("Cancel the order")
        window.finds("dialog[open]")
        yield "dialog"
        window.finds("dialog[open] button.main").click()
        window.sees("You canceled it.")
        yield "canceled"
        window.press("Your orders")
        window.finds("a.order")
        yield "orders"
        window.go("#/nowhere")
        window.sees("Nothing here")
        yield "nothing"

    return visit()


@pytest.mark.parametrize(("size", "scheme"), [(DESKTOP, "light"), (PHONE, "dark")])
def test_nobody_is_kept_out(
    size: tuple[int, int], scheme: str, window: Window, pages: Iterator[str], axe: str
) -> None:
    """On no page does axe find a barrier, nor can one be moved sideways; a picture of each is kept."""
    window.size(size)
    window.command("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    found_there = {}
    for name in pages:
        window.run(axe)
        barriers = window.chrome.execute_async_script(_LOOK, RULES)
        if _moves_sideways(window):
            barriers.append("the page is wider than the window")
        if barriers:
            found_there[name] = barriers
        window.screenshot(f"{size[0]}-{scheme}-{name}")
    assert found_there == {}


def test_by_keyboard_alone(window: Window, person: Person, shop: RunningShop) -> None:
    """From signing in to an order that is canceled, nothing asks for a mouse, and the focus is shown."""
    product = found(person.shop.get(f"/products/{shop.product()}"))
    window.go(f"#/products/{product['product_id']}")
    window.finds("#password")
    _tab_to(window, "User name or mail address")
    window.type(person.name, Keys.TAB, person.password, Keys.ENTER)
    window.sees(product["name"], "In stock")
    _tab_to(window, "One more")
    window.type(Keys.ENTER)
    _tab_to(window, "Add to cart")
    window.type(Keys.ENTER)
    window.sees("2 pieces added.")
    _tab_to(window, "Go to the cart")
    window.type(Keys.ENTER)
    window.sees("Total, 2 pieces")
    _tab_to(window, f"Remove {product['name']}")
    _tab_to(window, "Place order")
    window.screenshot("focus")
    window.type(Keys.ENTER)
    window.sees("Waiting for payment")
    _tab_to(window, "Cancel the order")
    window.type(Keys.ENTER)
    window.finds("dialog[open]")
    window.type(Keys.ESCAPE)
    eventually("the dialog to close", lambda: not window.all("dialog[open]"))
    assert window.focused() == "Cancel the order"
    window.type(Keys.ENTER)
    window.finds("dialog[open]")
    assert window.focused() == "Cancel the order"
    window.type(Keys.ENTER)
    window.sees("You canceled it.")


def test_the_first_stop_leads_past_the_header(window: Window, person: Person) -> None:
    """Whoever goes by keyboard need not pass the search and the ways each time."""
    window.sign_in(person, "#/orders")
    window.sees("No orders yet")
    window.reload()
    window.sees("No orders yet")
    window.type(Keys.TAB)
    assert window.focused() == "To the content"
    window.type(Keys.ENTER, Keys.TAB)
    assert window.focused() == "Look around"
    assert window.where() == "#/orders"


def test_what_changes_is_said(window: Window, person: Person, shop: RunningShop) -> None:
    """Another page, what was found, how an order stands: a screen reader hears of it."""
    order_id = person.ordered((shop.product(), 1))
    window.sign_in(person, "#/products?category=knives")
    eventually("the count", lambda: _said(window) == "24 products shown.")
    window.fill("Search the shop", "nosuchthing")
    eventually("the search", lambda: _said(window) == "Nothing was found.")
    window.go(f"#/orders/{order_id}")
    window.sees("Waiting for payment")
    person.pay(order_id)
    eventually("the payment", lambda: _said(window).startswith("On its way."))


def _said(window: Window) -> str:
    (said,) = window.run(
        "return [...document.querySelectorAll('#shop > [role=status]')].map((e) => e.textContent)"
    )
    return str(said).strip()


def _moves_sideways(window: Window) -> bool:
    return bool(
        window.run("const page = document.documentElement; return page.scrollWidth > page.clientWidth")
    )


def _tab_to(window: Window, name: str) -> None:
    """Tabs until what has this name has the focus, which must be visible at each stop."""
    stops = []
    for _ in range(60):
        window.type(Keys.TAB)
        stops.append(window.focused())
        shown = window.run("return getComputedStyle(document.activeElement).outlineStyle")
        assert shown != "none", f"{stops[-1]} does not show that it has the focus"
        if stops[-1] == name:
            return
    raise AssertionError(f"{name} is none of the stops: {stops}")

"""A customer at the storefront when something goes wrong: what is said, and that no order is doubled."""

import uuid

import pytest
from selenium.webdriver import Keys

from tests.e2e.browser.window import Window
from tests.e2e.running import Person, RunningShop, eventually, found

# Stands in the page for a network that loses the answers to the first orders, and counts what is sent.
_LOSES_ANSWERS = """
const send = window.fetch;
let toLose = arguments[0];
window.keys = [];
window.fetch = async (where, request) => {
  const answer = await send(where, request);
  if (where !== "/orders" || request.method !== "POST") return answer;
  window.keys.push(request.headers["Idempotency-Key"]);
  if (toLose-- > 0) throw new TypeError("lost");
  return answer;
};
"""

# Stands in the page for a shop that is busy until told otherwise.
_IS_BUSY = """
const send = window.fetch;
window.busy = true;
window.fetch = async (where, request) => {
  if (!window.busy) return send(where, request);
  const body = JSON.stringify({ status: 503, detail: "The catalog does not answer. Please try again." });
  return new Response(body, { status: 503, headers: { "Retry-After": "1" } });
};
"""


def test_a_wrong_password(window: Window, person: Person) -> None:
    """The pool's own sentence stands at the form, the field keeps its name; with the right one one is in."""
    window.sign_in(person, password="wrong-Password-1")
    window.sees("Incorrect username or password.")
    assert window.finds("#name").get_attribute("value") == person.name
    window.screenshot("sign-in-refused")
    window.fill("Password", person.password + Keys.ENTER)
    window.sees("Good to see you")
    window.shop.secrets |= {
        str(token) for token in window.run("return Object.values(JSON.parse(sessionStorage.session))")
    }


def test_a_mail_address_is_a_name_too(window: Window, person: Person) -> None:
    """A customer signs in by the mail address as well."""
    window.go()
    window.fill("User name or mail address", person.email)
    window.fill("Password", person.password + Keys.ENTER)
    window.sees("Good to see you")


def test_a_password_for_the_first_time_only(window: Window, shop: RunningShop) -> None:
    """Whom somebody made a customer chooses a password; one that is too weak is refused with a reason."""
    name, first, own = f"customer-{uuid.uuid4().hex[:12]}", f"Aa1-{uuid.uuid4()}", f"Bb2-{uuid.uuid4()}"
    shop.secrets |= {first, own}
    shop.aws("cognito-idp").admin_create_user(
        UserPoolId=shop.described["user_pool_id"],
        Username=name,
        TemporaryPassword=first,
        MessageAction="SUPPRESS",
        UserAttributes=[
            {"Name": "email", "Value": f"{name}@customers.example"},
            {"Name": "email_verified", "Value": "true"},
            {"Name": "name", "Value": "Nova"},
        ],
    )
    window.go()
    window.fill("User name or mail address", name)
    window.fill("Password", first + Keys.ENTER)
    window.sees("Choose a new password")
    window.fill("New password", own + Keys.ENTER)
    window.sees("Good to see you, Nova.")
    window.press("Sign out")
    window.fill("User name or mail address", name)
    window.fill("Password", own + Keys.ENTER)
    window.sees("Good to see you, Nova.")


def test_an_answer_that_is_lost(window: Window, person: Person, shop: RunningShop) -> None:
    """The same order is asked for again by itself, under one key, until an answer comes: it is one order."""
    product = shop.product()
    before = shop.available(product)
    _has_in_cart(window, person, product)
    window.run(_LOSES_ANSWERS, 2)
    window.press("Place order")
    window.sees("is not known yet")
    assert not window.all(".stepper"), "the cart can be changed while nobody knows whether it is ordered"
    window.screenshot("order-in-doubt")
    window.sees("Waiting for payment")
    keys = window.run("return window.keys")
    assert len(keys) == 3
    assert len(set(keys)) == 1
    assert len(found(person.shop.get("/orders"))["items"]) == 1
    assert shop.available(product) == before - 1
    window.go("#/cart")
    window.sees("Your cart is empty")


def test_an_answer_that_is_lost_with_the_page(window: Window, person: Person, shop: RunningShop) -> None:
    """Opened anew, the page goes on with the order that it had sent."""
    _has_in_cart(window, person, shop.product())
    window.run(_LOSES_ANSWERS, 99)
    window.press("Place order")
    window.sees("is not known yet")
    window.reload()
    window.sees("Waiting for payment")
    assert len(found(person.shop.get("/orders"))["items"]) == 1


def test_pressing_twice(window: Window, person: Person, shop: RunningShop) -> None:
    """Two presses are one order."""
    _has_in_cart(window, person, shop.product())
    window.run("const button = document.querySelector('.summary button'); button.click(); button.click()")
    window.sees("Waiting for payment")
    assert len(found(person.shop.get("/orders"))["items"]) == 1


def test_a_session_that_is_over(window: Window, person: Person, shop: RunningShop) -> None:
    """Signed in again, one is where one was, and the cart is as it was."""
    product = shop.product()
    _has_in_cart(window, person, product)
    _spoil(window, "id", "refresh")
    window.reload()
    window.sees("Sign in again", "Your session is over.")
    window.screenshot("session-over")
    window.fill("User name or mail address", person.name)
    window.fill("Password", person.password + Keys.ENTER)
    window.sees("Total, 1 piece")
    assert window.where() == "#/cart"


def test_a_token_that_is_too_old(window: Window, person: Person) -> None:
    """It is renewed without a word."""
    window.sign_in(person, "#/orders")
    window.sees("No orders yet")
    _spoil(window, "id")
    window.reload()
    window.sees("No orders yet")
    assert "spoiled" not in window.run("return sessionStorage.session")


def test_being_offline(window: Window, person: Person) -> None:
    """The page says so, keeps what it has, and goes on by itself when the network is back."""
    window.sign_in(person, "#/products?category=lamps")
    window.sees("Måne")
    _network(window, offline=True)
    window.press("Show more")
    window.sees("You are offline.", "Måne")
    window.screenshot("offline")
    _network(window, offline=False)
    eventually("more lamps", lambda: len(window.all(".cards .card:not(.blank)")) == 48)
    window.sees_no("You are offline.")


def test_a_shop_that_is_busy(window: Window, person: Person) -> None:
    """Its sentence is shown; it is asked again by itself, and at once when the customer says so."""
    window.sign_in(person)
    window.sees("Coffee")
    window.run(_IS_BUSY)
    window.press("Orders")
    window.sees("The catalog does not answer.", "Trying again by itself.")
    window.run("window.busy = false")
    window.press("Try now")
    window.sees("No orders yet")


def test_what_is_not_there(window: Window, person: Person, shop: RunningShop) -> None:
    """An address of nothing, an unknown product, another customer's order: the shop's words are shown."""
    window.sign_in(person, "#/nowhere")
    window.sees("Nothing here")
    window.go("#/products/no-such-product")
    window.sees("There is no such product.")
    window.go(f"#/orders/{shop.person().ordered((shop.product(), 1))}")
    window.sees("There is no such order.")


def test_signing_out(window: Window, person: Person, shop: RunningShop) -> None:
    """Nothing of the customer is left in the browser, in no tab; the pool takes the refresh token no more."""
    _has_in_cart(window, person, shop.product())
    tokens = window.run("return JSON.parse(sessionStorage.session)")
    first = window.chrome.current_window_handle
    window.chrome.switch_to.new_window("tab")
    window.go("#/cart")
    window.sees("Total, 1 piece")
    window.press("Sign out")
    window.finds("#password")
    assert window.run("return sessionStorage.length + localStorage.length") == 0
    window.chrome.close()
    window.chrome.switch_to.window(first)
    window.finds("#password")
    assert window.run("return sessionStorage.length + localStorage.length") == 0
    window.chrome.back()
    window.finds("#password")
    assert "Total" not in window.text()
    pool = shop.aws("cognito-idp")
    with pytest.raises(pool.exceptions.NotAuthorizedException):
        pool.initiate_auth(
            AuthFlow="REFRESH_TOKEN_AUTH",
            ClientId=shop.described["client_id"],
            AuthParameters={"REFRESH_TOKEN": tokens["refresh"]},
        )


def _has_in_cart(window: Window, person: Person, product: str) -> None:
    window.sign_in(person, f"#/products/{product}")
    window.press("Add to cart")
    window.press("Go to the cart")
    window.sees("Total, 1 piece")


def _spoil(window: Window, *names: str) -> None:
    """Makes tokens that are kept in the tab ones that nobody takes."""
    script = """
    const kept = JSON.parse(sessionStorage.session);
    for (const name of arguments[0]) kept[name] = `${kept[name]}spoiled`;
    sessionStorage.session = JSON.stringify(kept);
    """
    window.run(script, names)


def _network(window: Window, *, offline: bool) -> None:
    window.command(
        "Network.emulateNetworkConditions",
        offline=offline,
        latency=0,
        downloadThroughput=-1,
        uploadThroughput=-1,
    )

"""A customer at the storefront, in a real browser: what people come for."""

from pathlib import Path

from selenium.webdriver import Keys

from tests.e2e.browser.window import Window
from tests.e2e.running import Person, RunningShop, eventually, found


def test_from_looking_around_to_the_invoice(
    window: Window, person: Person, shop: RunningShop, downloads: Path
) -> None:
    """Signed in, a customer finds a product, orders, pays, has the invoice, and sees it delivered."""
    window.sign_in(person)
    window.sees("Good to see you, Ada Ďurišová.", "Coffee", "Board games")
    window.screenshot("home")
    window.press("Coffee")
    window.sees("Yirgacheffe", "$")
    window.screenshot("category")
    product = found(person.shop.get(f"/products/{shop.product()}"))
    window.fill("Search the shop", product["name"])
    eventually("the search", lambda: "q=" in window.where())
    window.press("All")
    window.finds(f"a[href='#/products/{product['product_id']}']").click()
    window.sees(product["name"], product["description"], "In stock", "Details")
    window.screenshot("product")
    window.press("One more")
    window.press("Add to cart")
    window.sees("2 pieces added.")
    window.press("Go to the cart")
    window.sees(product["name"], "Total, 2 pieces")
    window.screenshot("cart")
    window.press("Place order")
    window.sees("Waiting for payment", "It waits for your payment until")
    (order,) = found(person.shop.get("/orders"))["items"]
    assert window.where() == f"#/orders/{order['order_id']}"
    assert [(line["product_id"], line["quantity"]) for line in order["lines"]] == [(product["product_id"], 2)]
    window.screenshot("order-to-pay")
    window.press(window.finds("button.main").text)
    window.finds("button.pay").click()
    window.sees("On its way", "paid.")
    window.press("Download the invoice")
    pdf = eventually("the invoice", lambda: next(downloads.glob("*.pdf"), None))
    eventually("all of it", lambda: pdf.read_bytes() in shop.invoices(order["order_id"]).values())
    found(shop.operator().post(f"/orders/{order['order_id']}/deliver"))
    window.sees("Delivered")
    window.screenshot("order-delivered")


def test_a_card_that_is_declined(window: Window, person: Person, shop: RunningShop) -> None:
    """The order says that it is canceled and why, and all of it can be put into the cart again."""
    order_id = person.ordered((shop.product(), 3))
    window.sign_in(person, f"#/orders/{order_id}")
    window.press(window.finds("button.main").text)
    window.finds("select").send_keys("Too little money")
    window.press("Decline")
    eventually("the page to close", lambda: "closed" in window.text() or _again(window))
    window.press("Back to the shop")
    window.sees("Canceled", "The payment did not go through", "there was too little money in the account")
    window.screenshot("order-declined")
    window.press("Put it all into the cart again")
    window.sees("Total, 3 pieces")


def _again(window: Window) -> bool:
    """Asks the provider's page again: it is closed as soon as the shop has heard of the decline."""
    window.reload()
    return False


def test_an_order_that_is_canceled(window: Window, person: Person, shop: RunningShop) -> None:
    """Asked whether that is meant, and then it is; its stock is back."""
    product = shop.product()
    before = shop.available(product)
    order_id = person.ordered((product, 2))
    window.sign_in(person, f"#/orders/{order_id}")
    window.press("Cancel the order")
    window.finds("dialog[open]")
    window.screenshot("order-cancel")
    window.press("Keep it")
    assert person.order(order_id)["status"] == "awaiting_payment"
    window.press("Cancel the order")
    window.finds("dialog[open] button.main").click()
    window.sees("Canceled", "You canceled it.")
    eventually("the stock to be back", lambda: shop.available(product) == before)


def test_more_than_there_is(window: Window, person: Person, shop: RunningShop) -> None:
    """The refusal names the product; with as many as there are, the same cart is ordered."""
    short, plenty = shop.product(), shop.product()
    names = {item: found(person.shop.get(f"/products/{item}"))["name"] for item in (short, plenty)}
    window.sign_in(person, f"#/products/{plenty}")
    window.press("Add to cart")
    window.sees("1 piece added.")
    window.go(f"#/products/{short}")
    window.sees(names[short])
    window.fill("Quantity", "5" + Keys.TAB)
    window.press("Add to cart")
    window.sees("5 pieces added.")
    shop.person().ordered((short, shop.available(short) - 3))
    window.press("Go to the cart")
    window.press("Place order")
    window.sees(f"There are not enough pieces left of {names[short]}.", "Only 3 left")
    assert names[plenty] not in window.finds("[role=alert]").text
    window.screenshot("cart-short")
    window.press("Take 3")
    window.sees("Total, 4 pieces")
    window.press("Place order")
    window.sees("Waiting for payment")
    assert shop.available(short) == 0
    window.go(f"#/products/{short}")
    window.sees("Sold out")
    assert not window.all(".buying")


def test_searching_as_one_types(window: Window, person: Person) -> None:
    """Lists follow what is typed, within the category; what finds nothing, or cannot be sought, says so."""
    window.sign_in(person, "#/products?category=coffee")
    window.sees("Yirgacheffe", "Nariño")
    window.fill("Search the shop", "nari")
    window.sees("Nariño")
    window.sees_no("Yirgacheffe")
    assert window.focused() == "Search the shop"
    window.fill("Search the shop", "nariño tent")
    window.sees("Nothing was found", "There is no such thing among coffee.")
    window.screenshot("nothing-found")
    window.fill("Search the shop", "?!")
    window.sees("must have a letter or a digit")
    window.fill("Search the shop", "nari")
    window.sees("Nariño")
    window.press("All")
    eventually("the whole shop", lambda: "category" not in window.where())
    window.sees("Nariño")


def test_going_back_finds_the_page_as_it_was(window: Window, person: Person) -> None:
    """A list with what was added to it, where one was; one step past a search of many letters."""
    window.sign_in(person)
    window.press("Tents")
    window.press("Show more")
    eventually("more tents", lambda: len(window.all(".cards .card:not(.blank)")) == 48)
    last = window.all(".cards .card")[-1]
    window.run("arguments[0].scrollIntoView()", last)
    top, name = window.run("return scrollY"), last.get_attribute("href").rpartition("/")[2]
    assert top > 1000
    last.click()
    eventually("the product", lambda: window.where().endswith(name))
    window.sees("Details")
    assert window.run("return scrollY") == 0
    window.chrome.back()
    eventually("the list", lambda: window.where() == "#/products?category=tents")
    assert len(window.all(".cards .card")) == 48
    assert abs(window.run("return scrollY") - top) < 5
    window.fill("Search the shop", "sahara")
    window.sees("Sahara")
    eventually("the search", lambda: "q=sahara" in window.where())
    window.chrome.back()
    window.sees("Good to see you")


def test_more_orders_than_a_page_has(window: Window, person: Person, shop: RunningShop) -> None:
    """The newest come first, the others when they are asked for, and all are there when one comes back."""
    product = shop.product()
    placed = [person.ordered((product, 1)) for _ in range(12)][::-1]
    window.sign_in(person, "#/orders")
    window.sees("Waiting for payment")
    assert _listed(window) == placed[:10]
    window.press("Older orders")
    eventually("all of them", lambda: _listed(window) == placed)
    assert "Older orders" not in window.text()
    window.screenshot("orders")
    window.all("a.order")[-1].click()
    window.sees("How it stands")
    window.press("Cancel the order")
    window.finds("dialog[open] button.main").click()
    window.sees("You canceled it.")
    window.press("Your orders")
    window.sees("Waiting for payment")
    window.chrome.back()
    window.sees("You canceled it.")


def test_what_others_bought_is_shown(window: Window, person: Person, shop: RunningShop) -> None:
    """Beside a product stands what was delivered together with it."""
    one, other = shop.product(), shop.product()
    order_id = person.ordered((one, 1), (other, 1))
    person.pay(order_id)
    person.sees(order_id, "delivering")
    found(shop.operator().post(f"/orders/{order_id}/deliver"))
    eventually("the suggestion", lambda: other in _suggested(person, one))
    window.sign_in(person, f"#/products/{one}")
    window.sees("Others also bought", found(person.shop.get(f"/products/{other}"))["name"])
    window.screenshot("suggestions")


def _suggested(person: Person, product: str) -> list[str]:
    suggestions = found(person.shop.get(f"/products/{product}/suggestions"))
    return [str(item["product_id"]) for item in suggestions["items"]]


def _listed(window: Window) -> list[str]:
    links = window.run("return [...document.querySelectorAll('a.order')].map((link) => link.hash)")
    return [str(link).removeprefix("#/orders/") for link in links]

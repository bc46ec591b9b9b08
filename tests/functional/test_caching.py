"""What a browser may keep of the shop's answers: docs/decisions/0109."""

import pytest

from tests.functional.shop import Shop


@pytest.mark.parametrize(
    "path", ["/categories", "/products", "/products?category=tea", "/products/tea/suggestions"]
)
def test_what_all_see_alike_may_be_shown_for_a_minute(shop: Shop, path: str) -> None:
    """A browser need not ask again for it; and where it asks, it is not sent the same twice."""
    first = shop.http("GET", path)
    assert first.headers["Cache-Control"] == "private, max-age=60"
    again = shop.http("GET", path, If_None_Match=first.headers["ETag"])
    assert (again.status, again.headers["ETag"]) == (304, first.headers["ETag"])
    # What stands between may have changed the tag to a weak one, or have several answers.
    several = f'"another", W/{first.headers["ETag"]}'
    assert shop.http("GET", path, If_None_Match=several).status == 304
    assert shop.http("GET", path, If_None_Match='"another"').body == first.body


def test_a_products_stock_is_asked_for_anew_each_time(shop: Shop) -> None:
    """Nothing changed is said in a word; a piece that was sold is seen at once."""
    first = shop.http("GET", "/products/tea")
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert shop.http("GET", "/products/tea", If_None_Match=first.headers["ETag"]).status == 304
    shop.place(tea=2)
    then = shop.http("GET", "/products/tea", If_None_Match=first.headers["ETag"])
    assert (then.status, then.body["available"]) == (200, first.body["available"] - 2)


@pytest.mark.parametrize("path", ["/orders", "/products/nothing", "/products?limit=0"])
def test_what_is_ones_own_or_refused_is_not_kept(shop: Shop, path: str) -> None:
    """No browser keeps an order, or an error."""
    answer = shop.http("GET", path)
    assert answer.headers["Cache-Control"] == "no-store"
    assert "ETag" not in answer.headers

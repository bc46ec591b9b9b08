"""Products: what the catalog knows of them. How many there are is the inventory's to say."""

from typing import TypeAlias

from attrs import field

from common.domain.money import Money
from common.domain.rules import Text
from common.errors import Invalid
from common.kinds import value

PRODUCT_ID = Text(1, 100)

# What a kind of product says about itself: a lens has a focal length, a shirt has sizes.
Attribute: TypeAlias = str | int | float | bool | list[str]


@value
class Product:
    """One product. `attributes` differ from kind to kind; `category` names the kind."""

    product_id: str = field(validator=PRODUCT_ID)
    name: str
    category: str
    description: str
    price: Money
    attributes: dict[str, Attribute] = field(factory=dict)

    @attributes.validator
    def _have_names_that_stores_take(self, _attribute: object, value: dict[str, Attribute]) -> None:
        for name in value:
            if not name or name.startswith("$") or "." in name or "\0" in name:
                raise Invalid("An attribute needs a name that begins with no $, and has no dot and no NUL.")

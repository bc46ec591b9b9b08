"""The catalog that a new shop opens with: 1,200 products of ten kinds, the same ones on every machine.

Names, attributes, prices and stock follow from a product's kind and number, nothing is left to chance: two
runs agree, and whoever writes a test may count on them.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from attrs import frozen

from common.domain.money import Money
from common.domain.product import Attribute, Product
from common.domain.stock import StockLine
from common.ports.functions import Functions
from common.ports.products import ProductRepository
from local.paths import ROOT, write_atomically

T = TypeVar("T")

PRODUCTS_OF_A_KIND = 120
LARGEST_STOCK = 200
_LINES_OF_A_CALL = 400

# What is loaded follows from these files: a change of any of them loads the catalog again.
_SOURCES = ("local/catalog.py", "common/domain/search.py", "common/repositories/mongo/products.py")


@frozen
class Loaded:
    """What a load did: how many products were put and offered to the inventory. 0: all was there already."""

    products: int


def load(
    repository: ProductRepository, inventory: Functions, marker: Path, report: Callable[[str], None] = print
) -> Loaded:
    """Puts the catalog into the shop, and pieces on the shelf of those products that were never stocked.

    What customers have ordered since an earlier load stays ordered. `marker` is a file that says what was
    loaded: where it, and the first and the last product of the store, tell that nothing has changed,
    nothing more is asked. Raises `Unavailable`; a load that broke off is done again by the next one.
    """
    everything = products()
    ends = [everything[0], everything[-1]]
    if _read(marker) == version() and list(repository.get([p.product_id for p in ends]).values()) == ends:
        return Loaded(0)
    report(f"  loading {len(everything)} products")
    repository.put(everything)
    lines = [StockLine(p.product_id, stock(p.product_id)) for p in everything]
    for start in range(0, len(lines), _LINES_OF_A_CALL):
        some = lines[start : start + _LINES_OF_A_CALL]
        inventory.call("inventory", "stock_new_products", {"lines": some})
    write_atomically(marker, version())
    return Loaded(len(everything))


def version() -> str:
    """Tells one catalog, and one way to store it, from another."""
    digest = hashlib.sha256()
    for source in _SOURCES:
        digest.update((ROOT / source).read_bytes())
    return digest.hexdigest()


def products() -> list[Product]:
    """The whole catalog, in the order of the products' ids."""
    made = [make(number) for make in _KINDS for number in range(PRODUCTS_OF_A_KIND)]
    return sorted(made, key=lambda product: product.product_id)


def many(count: int) -> Iterator[Product]:
    """As many products as are asked for, of all kinds in turn: what a larger shop would sell."""
    return (_KINDS[number % len(_KINDS)](number // len(_KINDS)) for number in range(count))


def stock(product_id: str) -> int:
    """The pieces that a product is first stocked with: 0 to 200, and of one in forty none."""
    number = _number(f"{product_id} stock")
    return 0 if number % 40 == 0 else 1 + number % LARGEST_STOCK


def _read(file: Path) -> str:
    return file.read_text(encoding="utf-8") if file.exists() else ""


def _number(key: str) -> int:
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:6], "big")


def _choice(key: str, options: Sequence[T]) -> T:
    return options[_number(key) % len(options)]


def _some(key: str, options: Sequence[str], count: int) -> list[str]:
    """`count` of the options, in the order that they have."""
    chosen = sorted(options, key=lambda option: _number(f"{key} {option}"))[:count]
    return [option for option in options if option in chosen]


def _between(key: str, lowest: int, highest: int, step: int = 1) -> int:
    return lowest + step * (_number(key) % ((highest - lowest) // step + 1))


def _pair(number: int, firsts: Sequence[str], seconds: Sequence[str]) -> tuple[str, str]:
    """A pair that no other number below the count of pairs has."""
    return firsts[number % len(firsts)], seconds[number // len(firsts) % len(seconds)]


def _product(
    product_id: str,
    name: str,
    category: str,
    description: str,
    cents: int,
    attributes: dict[str, Attribute],
) -> Product:
    return Product(product_id, name, category, description, Money(cents, "USD"), attributes)


_AUTHORS = (
    ("Nguyễn Thị Hạnh", "Vietnamese"),
    ("Ελένη Παπαδάκη", "Greek"),
    ("Анна Ковалёва", "Russian"),
    ("Zoë Åkerström", "Swedish"),
    ("Thérèse Lefèvre", "French"),
    ("Jürgen Großmann", "German"),
    ("María Núñez", "Spanish"),
    ("Łucja Wiśniewska", "Polish"),
    ("Grace Whitfield", "English"),
    ("Søren Østergaard", "Danish"),
)
_TITLES = {
    "Vietnamese": ("Mùa hè ở Đà Nẵng", "Con đường về nhà"),
    "Greek": ("Η θάλασσα το πρωί", "Το σπίτι με τις λεμονιές"),
    "Russian": ("Зимний сад", "Письма с вокзала"),
    "Swedish": ("Sjön i skogen", "En sommar på ön"),
    "French": ("L'été des hirondelles", "La forêt à côté"),
    "German": ("Die Brücke im Nebel", "Häuser ohne Türen"),
    "Spanish": ("El jardín del señor Peña", "Mañana en el río"),
    "Polish": ("Źródło", "Łąka za miastem"),
    "English": ("The Lighthouse Ledger", "A Field Guide to Rain"),
    "Danish": ("Færgen til øen", "Det blå køkken"),
}
_GENRES = ("novel", "short stories", "travel writing", "crime", "poetry", "essays")


def _book(number: int) -> Product:
    key = f"book {number}"
    author, language = _AUTHORS[number % len(_AUTHORS)]
    title = _TITLES[language][number // len(_AUTHORS) % 2]
    genre = _GENRES[number // (2 * len(_AUTHORS)) % len(_GENRES)]
    pages = _between(f"{key} pages", 96, 720, 8)
    binding = _choice(f"{key} binding", ("hardcover", "paperback", "pocket"))
    first_twelve = f"978{_number(key) % 10**9:09}"
    check = -sum(int(digit) * (1, 3)[place % 2] for place, digit in enumerate(first_twelve)) % 10
    return _product(
        f"book-{number + 1:04}",
        f"{title}: {genre}",
        "books",
        f"{genre.capitalize()} by {author}, {pages} pages, in {language}.",
        899 + 100 * (pages // 60) + (900 if binding == "hardcover" else 0),
        {
            "author": author,
            "language": language,
            "genre": genre,
            "pages": pages,
            "binding": binding,
            "isbn": f"{first_twelve}{check}",
            "year": _between(f"{key} year", 1998, 2025),
        },
    )


def _lens(number: int) -> Product:
    key = f"lens {number}"
    makers, lengths = (
        ("Aurélia", "Northglass", "Okuda", "Brandt"),
        (14, 20, 24, 35, 50, 85, 100, 135, 200, 400),
    )
    maker, length = makers[number % 4], lengths[number // 4 % 10]
    mount = ("E", "RF", "Z")[number // 40 % 3]
    aperture = _choice(f"{key} aperture", (1.2, 1.4, 1.8, 2.8, 4.0))
    use = (
        "wide views and interiors" if length < 35 else "portraits" if length < 135 else "sports and wildlife"
    )
    return _product(
        f"lens-{number + 1:04}",
        f"{maker} {length}mm f/{aperture} {mount}",
        "lenses",
        f"A prime lens for {use}, for cameras with the {mount} mount.",
        14_900 + 250 * length + int(60_000 / aperture),
        {
            "focal_length_mm": length,
            "aperture": aperture,
            "mount": mount,
            "weight_g": 180 + 4 * length,
            "filter_mm": _choice(f"{key} filter", (49, 55, 67, 77, 82)),
            "stabilised": length >= 85,
        },
    )


def _shirt(number: int) -> Product:
    key = f"shirt {number}"
    styles = (
        "Oxford",
        "Breton",
        "Flannel",
        "Chambray",
        "Polo",
        "Camp collar",
        "Henley",
        "Rugby",
        "Grandad",
        "Áo",
    )
    colours = (
        "white",
        "navy",
        "forest green",
        "rosé",
        "charcoal",
        "sky blue",
        "ochre",
        "écru",
        "black",
        "red",
        "olive",
        "lilac",
    )
    style, colour = _pair(number, styles, colours)
    fabric = _choice(f"{key} fabric", ("cotton", "linen", "merino wool", "hemp", "lyocell"))
    return _product(
        f"shirt-{number + 1:04}",
        f"{style} shirt, {colour}",
        "shirts",
        f"A shirt of {fabric} in {colour}, made to be washed and worn for years.",
        _between(f"{key} price", 1900, 9900, 500),
        {
            "colour": colour,
            "fabric": fabric,
            "fit": _choice(f"{key} fit", ("slim", "regular", "relaxed")),
            "sizes": _some(f"{key} sizes", ("XS", "S", "M", "L", "XL", "XXL"), _between(f"{key} n", 3, 6)),
            "organic": _number(f"{key} organic") % 3 == 0,
        },
    )


def _coffee(number: int) -> Product:
    key = f"coffee {number}"
    origins = (
        ("Đà Lạt Cầu Đất", "Vietnam"),
        ("Buôn Ma Thuột", "Vietnam"),
        ("Yirgacheffe", "Ethiopia"),
        ("Huehuetenango", "Guatemala"),
        ("São João", "Brazil"),
        ("Nariño", "Colombia"),
        ("Tarrazú", "Costa Rica"),
        ("Nyeri", "Kenya"),
        ("Chanchamayo", "Peru"),
        ("Mandheling", "Indonesia"),
    )
    processes, roasts = ("washed", "natural", "honey"), ("light", "medium", "dark", "espresso")
    place, country = origins[number % 10]
    process, roast = _pair(number // 10, processes, roasts)
    weight = _choice(f"{key} weight", (250, 500, 1000))
    notes = ("blackcurrant", "cocoa", "jasmine", "hazelnut", "caramel", "orange zest", "plum", "black tea")
    return _product(
        f"coffee-{number + 1:04}",
        f"{place}, {process}, {roast} roast",
        "coffee",
        f"Coffee beans from {country}, {process} and roasted {roast} in small batches.",
        weight * 4 + _between(f"{key} price", 99, 799, 100),
        {
            "origin": country,
            "process": process,
            "roast": roast,
            "altitude_m": _between(f"{key} altitude", 600, 2200, 50),
            "weight_g": weight,
            "notes": _some(f"{key} notes", notes, 3),
        },
    )


def _tent(number: int) -> Product:
    key = f"tent {number}"
    names = (
        "Fjäll",
        "Όλυμπος",
        "Байкал",
        "Sahara",
        "Pyrénées",
        "Tundra",
        "Sierra",
        "Kékes",
        "Meadow",
        "Storm",
    )
    name = names[number % 10]
    persons = 1 + number // 10 % 6
    season = ("Summer", "All Season")[number // 60 % 2]
    weight = round(0.8 + 0.7 * persons + (0.9 if season == "All Season" else 0), 1)
    return _product(
        f"tent-{number + 1:04}",
        f"{name} {season} {persons}P tent",
        "tents",
        f"A tent for {persons} {'person' if persons == 1 else 'people'}: {weight} kg, up in a few minutes.",
        9_900 + 6_500 * persons + (12_000 if season == "All Season" else 0),
        {
            "persons": persons,
            "seasons": 4 if season == "All Season" else 3,
            "weight_kg": weight,
            "water_column_mm": _between(f"{key} water", 2000, 8000, 500),
            "shape": _choice(f"{key} shape", ("dome", "tunnel", "geodesic", "ridge")),
            "freestanding": _number(f"{key} freestanding") % 2 == 0,
        },
    )


def _headphones(number: int) -> Product:
    key = f"headphones {number}"
    makers, models = (
        ("Sonäre", "Halden", "Kestrel", "Ohmworks"),
        ("Arc", "Mono", "Drift", "Studio", "Pulse", "Nocturne"),
    )
    maker, model = _pair(number, makers, models)
    generation = 1 + number // 24
    wireless = _number(f"{key} wireless") % 3 > 0
    style = _choice(f"{key} style", ("over-ear", "on-ear", "in-ear"))
    attributes: dict[str, Attribute] = {
        "style": style,
        "connections": ["Bluetooth 5.3", "USB-C"] if wireless else ["3.5 mm jack", "6.3 mm adapter"],
        "noise_cancelling": wireless and _number(f"{key} noise") % 2 == 0,
        "driver_mm": _choice(f"{key} driver", (6, 10, 32, 40, 50)),
    }
    if wireless:
        attributes["battery_hours"] = _between(f"{key} battery", 6, 60, 2)
    else:
        attributes["impedance_ohm"] = _choice(f"{key} impedance", (16, 32, 80, 250))
    return _product(
        f"headphones-{number + 1:04}",
        f"{maker} {model} {generation}",
        "headphones",
        f"{'Wireless' if wireless else 'Wired'} {style} headphones with a clear, unhurried sound.",
        _between(f"{key} price", 2900, 39900, 1000),
        attributes,
    )


def _plant(number: int) -> Product:
    key = f"plant {number}"
    kinds = (
        ("Swiss cheese plant", "Monstera deliciosa", "bright, indirect", False),
        ("Snake plant", "Dracaena trifasciata", "any", False),
        ("Spider plant", "Chlorophytum comosum", "bright, indirect", True),
        ("Olive tree", "Olea europaea", "full sun", True),
        ("Boston fern", "Nephrolepis exaltata", "half shade", True),
        ("Jade plant", "Crassula ovata", "full sun", False),
        ("Peace lily", "Spathiphyllum wallisii", "half shade", False),
        ("Parlour palm", "Chamaedorea elegans", "half shade", True),
        ("Kumquat tree, cây quất", "Citrus japonica", "full sun", False),
        ("Basil, βασιλικός", "Ocimum basilicum", "full sun", True),
    )
    name, latin, light, pet_safe = kinds[number % 10]
    height = 15 + 15 * (number // 10)
    return _product(
        f"plant-{number + 1:04}",
        f"{name}, {height} cm",
        "plants",
        f"{latin}, {height} cm high with its pot; wants {light} light.",
        900 + 45 * height,
        {
            "latin_name": latin,
            "light": light,
            "height_cm": height,
            "pot_cm": 9 + height // 10,
            "water": _choice(f"{key} water", ("weekly", "twice a week", "when the soil is dry")),
            "pet_safe": pet_safe,
        },
    )


def _board_game(number: int) -> Product:
    key = f"board game {number}"
    places = (
        "Harbour",
        "Orchard",
        "Citadel",
        "Glacier",
        "Bazaar",
        "Archipelago",
        "Кремль",
        "Hội An",
        "Μυκήνες",
        "Québec",
    )
    ideas = (
        "Traders of",
        "Secrets of",
        "Builders of",
        "Last Train to",
        "Thieves of",
        "Gardens of",
        "Winter in",
        "The Cooks of",
        "Mapmakers of",
        "Letters from",
        "Kites over",
        "The Fall of",
    )
    place, idea = _pair(number, places, ideas)
    most = _between(f"{key} players", 2, 8)
    minutes = _between(f"{key} minutes", 15, 180, 15)
    mechanics = ("worker placement", "deck building", "cooperation", "auction", "tile laying", "bluffing")
    return _product(
        f"game-{number + 1:04}",
        f"{idea} {place}",
        "board games",
        f"A game of about {minutes} minutes for up to {most} players who like to plan.",
        1_499 + 20 * minutes + 100 * most,
        {
            "players_min": 1 if most < 5 else 2,
            "players_max": most,
            "minutes": minutes,
            "age_from": _choice(f"{key} age", (6, 8, 10, 12, 14)),
            "mechanics": _some(f"{key} mechanics", mechanics, 2),
            "language_free": _number(f"{key} language") % 4 == 0,
        },
    )


def _knife(number: int) -> Product:
    key = f"knife {number}"
    kinds = (
        ("Gyuto", 21),
        ("Santoku", 17),
        ("Paring knife", 9),
        ("Bread knife", 24),
        ("Nakiri", 16),
        ("Couteau d'office", 11),
        ("Petty", 13),
        ("Cleaver", 19),
        ("Filleting knife", 18),
        ("Oyster knife", 7),
    )
    smiths = ("Takeda Forge", "Forge Émile", "Mora Smedja", "Solinger Werk")
    steels = (("VG-10", 60.5), ("Aogami Super", 64.0), ("X50CrMoV15", 56.0))
    kind, blade = kinds[number % 10]
    smith = smiths[number // 10 % 4]
    steel, hardness = steels[number // 40 % 3]
    return _product(
        f"knife-{number + 1:04}",
        f"{smith} {kind}, {steel}",
        "knives",
        f"A kitchen knife with a blade of {blade} cm, ground by hand and ready to use.",
        2_500 + 300 * blade + int(60 * hardness),
        {
            "blade_cm": blade,
            "steel": steel,
            "hardness_hrc": hardness,
            "handle": _choice(
                f"{key} handle", ("walnut", "magnolia", "pakkawood", "olive wood", "stainless steel")
            ),
            "dishwasher_safe": False,
        },
    )


def _lamp(number: int) -> Product:
    key = f"lamp {number}"
    names = ("Måne", "Sol", "Lumière", "Kéo", "Фонарь", "Φάρος", "Lantern", "Halo", "Pebble", "Tripod")
    kinds = ("desk lamp", "floor lamp", "pendant", "wall lamp")
    name, kind = _pair(number, names, kinds)
    material = ("brass", "oak", "rice paper")[number // 40 % 3]
    lumens = _between(f"{key} lumens", 250, 1500, 50)
    return _product(
        f"lamp-{number + 1:04}",
        f"{name} {kind}, {material}",
        "lamps",
        f"A {kind} of {material} that gives {lumens} lumens where they are wanted.",
        3_900 + 8 * lumens + _between(f"{key} price", 0, 4000, 500),
        {
            "socket": _choice(f"{key} socket", ("E27", "E14", "GU10", "built-in LED")),
            "lumens": lumens,
            "colour_temperature_k": _choice(f"{key} colour", (2200, 2700, 3000, 4000)),
            "dimmable": _number(f"{key} dimmable") % 2 == 0,
            "material": material,
        },
    )


_KINDS = (_book, _lens, _shirt, _coffee, _tent, _headphones, _plant, _board_game, _knife, _lamp)

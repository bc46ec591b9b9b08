"""One run: customers, faults, and then calm, until nothing is left to do."""

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta

from attrs import frozen

from common.domain.money import Money
from common.domain.product import Product
from common.repositories.postgres.database import Database, Login
from tests.faults.books import differences
from tests.faults.people import Customer
from tests.faults.shop import Shop, open_shop
from tests.faults.world import World

CUSTOMERS = 10
PRODUCTS = 4
STORM = timedelta(hours=3)
# Long enough for whatever waits longest: a webhook's last pause, a dead letter's redelivery.
ROUNDS = 300
ROUND = timedelta(minutes=13)

# Those that refer to others come first.
TABLES = {
    "inventory": ("stock", "reservations"),
    "order": ("order_events", "order_requests", "orders", "suggestions_due"),
    "payment": ("payments", "checkouts", "provider_events", "outbox"),
}


@frozen
class Run:
    """How one run went: what is wrong with the books, and which faults struck how often."""

    seed: int
    wrong: list[str]
    happened: Counter[str]
    outcomes: Counter[str]


def run(seed: int, logins: Mapping[str, Login], customers: int = CUSTOMERS) -> Run:
    """Lets a storm of faults pass over a shop with so many customers, calms it, and checks the books."""
    world = World(seed)
    for service, login in logins.items():
        database = Database(lambda _, login=login: login)  # type: ignore[misc]
        # Nobody pulls the plug of this server: it need not wait for its disk.
        database.run("ALTER ROLE CURRENT_USER SET synchronous_commit TO off")
        for table in TABLES[service]:
            database.run(f"DELETE FROM {table}")  # noqa: S608 - the names above
        database.close()
    # Every other shop keeps its stock in buckets: nobody may see a difference.
    shop = open_shop(world, logins, _products(world, customers), buckets=1 + 2 * (seed % 2))
    people = [Customer(shop, f"customer{number}", _lines(world)) for number in range(customers)]
    for customer in people:
        world.plan(world.soon(1200), customer.arrive)
    shop.plan_schedules(STORM)
    world.run_until(world.now() + STORM)
    _calm(shop)
    outcomes = shop.databases["order"].run("SELECT status, reason, count(*) FROM orders GROUP BY 1, 2")
    result = Run(
        seed,
        differences(shop, people),
        world.happened,
        Counter({row["reason"] or row["status"]: row["count"] for row in outcomes})
        + Counter({"archived": len(shop.archive.kept)}),
    )
    for database in shop.databases.values():
        database.close()
    return result


def _calm(shop: Shop) -> None:
    """No more faults: everything that was left is finished by schedules and operators, or never."""
    shop.world.calm = True
    for _ in range(ROUNDS):
        if shop.world.surprises:
            return
        shop.world.run_until(shop.world.now() + ROUND)
        shop.run_schedules()
        if not any(queue.dead_letters for queue in shop.queues.values()) and shop.world.is_idle():
            break
        for queue in shop.queues.values():
            queue.redrive()
    # Once more for what the last round began, such as a mail whose lease had to pass.
    for _ in range(3):
        shop.world.run_until(shop.world.now() + ROUND)
        shop.run_schedules()


def _products(world: World, customers: int) -> dict[str, tuple[Product, int]]:
    """Products of which there are, for all who want them, sometimes enough and sometimes too few."""
    return {
        f"product{number}": (
            Product(f"product{number}", f"Product {number}", "things", "", Money(100 + number, "USD")),
            world.random.randint(customers // 3, customers * 2),
        )
        for number in range(PRODUCTS)
    }


def _lines(world: World) -> list[dict[str, object]]:
    chosen = world.random.sample(range(PRODUCTS), world.random.randint(1, 3))
    return [{"product_id": f"product{number}", "quantity": world.random.randint(1, 2)} for number in chosen]

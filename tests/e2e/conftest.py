"""One running shop for all tests of this folder, in a home and on ports of its own.

`pytest tests/e2e --shop FOLDER` uses the shop in that folder, starts it if it does not run, and leaves it up:
so a test can be tried again and again without waiting for a new shop.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from local import elsewhere, processes
from local.localstack import server as localstack
from operations.books import held_by
from tests.e2e.books import read_books, stock
from tests.e2e.running import RunningShop
from tests.local.shop_homes import new_home, quiet

# By the marker of the tests that need what its free edition does not do.
NOT_ON_LOCALSTACK = {
    "lasting_aws": "LocalStack keeps nothing when it ends",
    "recorded_aws": "LocalStack does not write down what happens for the live view",
    "strict_aws": "LocalStack lets every role do everything",
    "telling_aws": "LocalStack calls mappings of queues disabled that work",
}


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--shop", type=Path, help="use the shop of this folder, and leave it up")
    parser.addoption(
        "--fuzz-seed", type=int, default=1, help="what the fuzzer sends follows from this number"
    )
    parser.addoption("--examples", type=int, default=5, help="so many requests for each part of the fuzzer")
    parser.addoption("--clients", type=int, default=8, help="of test_load.py: so many customers at once")
    parser.addoption("--load-seconds", type=int, default=10, help="of test_load.py: for so long")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What is said of the whole run is looked at when the others have run."""
    for item in items if config.getoption("--localstack") else ():
        for name, reason in NOT_ON_LOCALSTACK.items():
            if item.get_closest_marker(name):
                item.add_marker(pytest.mark.skip(reason))
    items.sort(key=lambda item: item.path.name == "test_afterwards.py" and item.path.parent.name == "e2e")


@pytest.fixture(scope="session")
def running_shop(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[RunningShop]:
    """The shop; `make up` starts it for the first test that asks, `make down` stops it after the last."""
    kept = pytestconfig.getoption("--shop")
    home = kept.resolve() if kept else tmp_path_factory.mktemp("shop")
    shop = RunningShop(home if (home / "ports.json").exists() else new_home(home))
    environment = pytest.MonkeyPatch()
    try:
        if not pytestconfig.getoption("--localstack"):
            environment.delenv("AWS_ENDPOINT_URL", raising=False)
        elif not elsewhere.aws():
            shop.make("localstack")
            environment.setenv("AWS_ENDPOINT_URL", localstack.address(shop.home))
        shop.make("up")
        described = json.loads((home / "shop.json").read_text(encoding="utf-8"))
        shop.begin(described)
        at_start = held_by(read_books(shop).orders)
        at_start.update(stock(shop))
        shop.stock_at_start = at_start
        yield shop
        if not kept:
            shop.make("down")
            assert shop.processes() == {}, "make down left processes"
    finally:
        environment.undo()
        if not kept:
            processes.stop(None, home, report=quiet)
            _keep_only_logs(home)


@pytest.fixture
def shop(running_shop: RunningShop) -> RunningShop:
    """The running shop, whole, whose payment provider behaves."""
    if not running_shop.is_up():
        running_shop.make("up")
    running_shop.control("PUT", "/delivery", {})
    return running_shop


def _keep_only_logs(home: Path) -> None:
    for path in home.iterdir():
        if path.is_dir() and path.name != "logs":
            shutil.rmtree(path, ignore_errors=True)

"""What a fuzzer makes of docs/api/openapi.json: what that allows, what it forbids, and what follows what."""

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.contracts.published import FOLDER
from local.customer import Customer, sign_in
from tests.e2e.books import balanced
from tests.e2e.hostile.tally import Tally
from tests.e2e.running import RunningShop, found

CONFIG = Path(__file__).with_name("schemathesis.toml")


def test_the_shop_answers_a_fuzzer_as_its_document_says(
    shop: RunningShop, tally: Tally, tmp_path: Path, pytestconfig: pytest.Config
) -> None:
    """All checks of schemathesis hold, no answer is a 5xx, and what was ordered is in the books."""
    operator = _operator(shop)
    report = tmp_path / "report.ndjson"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIG)),
            *("run", str(FOLDER / "openapi.json"), "--url", shop.described["api"], "--checks", "all"),
            *("--seed", str(pytestconfig.getoption("--fuzz-seed"))),
            *("--max-examples", str(pytestconfig.getoption("--examples"))),
            *("--report", "ndjson", "--report-ndjson-path", str(report)),
        ],
        cwd=tmp_path,
        env=os.environ | {"SHOP_TOKEN": operator.token, "COLUMNS": "110"},
        capture_output=True,
        text=True,
        check=False,
    )
    answers = Counter(_statuses(report))
    for status, times in answers.items():
        tally.note("requests by a fuzzer", status, admitted=False, times=times)
    _cancel_what_is_open(operator)
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr
    assert sum(answers.values()) > 100
    assert max(answers) < 500
    assert balanced(shop)


def _operator(shop: RunningShop) -> Customer:
    """A new customer who may deliver orders, too: nothing is out of the fuzzer's reach."""
    person = shop.person()
    pool = {"UserPoolId": shop.described["user_pool_id"], "Username": person.name}
    shop.aws("cognito-idp").admin_add_user_to_group(**pool, GroupName="operators")
    operator = sign_in(shop.described, person.name, person.password)
    shop.secrets.add(operator.token)
    return operator


def _statuses(report: Path) -> Iterator[int]:
    """The status of every answer that the fuzzer got."""
    with report.open(encoding="utf-8") as lines:
        for line in lines:
            scenario: dict[str, Any] = json.loads(line).get("ScenarioFinished") or {}
            for interaction in (scenario.get("recorder") or {}).get("interactions", {}).values():
                if interaction["response"]:
                    yield interaction["response"]["status_code"]


def _cancel_what_is_open(customer: Customer) -> None:
    """Other tests shall find the stock as it was: nothing comes back while they look at it."""
    cursor: dict[str, str] = {}
    while True:
        page = found(customer.get("/orders", limit=100, **cursor))
        for order in page["items"]:
            if order["status"] == "awaiting_payment":
                found(customer.post(f"/orders/{order['order_id']}/cancel"))
        if not page["next"]:
            return
        cursor = {"cursor": page["next"]}

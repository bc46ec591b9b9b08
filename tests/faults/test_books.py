"""Whatever fails, and whenever, the books balance once everything has settled."""

from collections import Counter

import pytest

from tests.databases import PostgresServer
from tests.faults.runs import run
from tests.faults.world import FAULTS

# Fewer runs than this may miss a rare fault by chance.
ENOUGH = 50


def test_the_books_balance_after_every_storm(
    seeds: range, customers: int, postgres_server: PostgresServer, capsys: pytest.CaptureFixture[str]
) -> None:
    """No seed leaves stock, money, invoices, mails or promises wrong, and every fault really happened."""
    happened: Counter[str] = Counter()
    outcomes: Counter[str] = Counter()
    wrong = []
    for seed in seeds:
        result = run(seed, postgres_server.logins, customers)
        happened += result.happened
        outcomes += result.outcomes
        wrong += [f"seed {seed}: {sentence}" for sentence in result.wrong]
    with capsys.disabled():
        print(f"\n{len(seeds)} runs of {customers} customers, seeds {seeds[0]} to {seeds[-1]}")
        for fault, count in sorted(happened.items()):
            print(f"  {count:7}  {fault}")
        print("  orders:", ", ".join(f"{count} {outcome}" for outcome, count in outcomes.most_common()))
    assert not wrong, "\n".join(wrong)
    if len(seeds) >= ENOUGH:
        assert happened.keys() == FAULTS.keys()

"""`make simulate`: what limits the shop, and how long customers wait then."""

import pytest
from attrs import evolve

from benchmarks.simulation.__main__ import main
from benchmarks.simulation.model import nth, simulate
from benchmarks.simulation.shop import Part, Shop, Step, Use, read_shop


def shop(servers: int | None = None, rate: float | None = None) -> Shop:
    """One part, which an order uses twice, for a tenth of a second each time."""
    parts = {
        "desk": Part("Desk", "Get another.", servers, rate),
        "functions": Part("Functions", "Ask for more.", 1000, None),
    }
    serve = Step("serve", "served", 0.001, (Use("desk", 2, 0.1),))
    serve = Step("serve", "served", 0.001, (Use("desk", 2, 0.1),))
    return Shop("small", parts, (serve,), hot_share=0.5)


def test_a_part_is_full_when_its_servers_are_busy_all_the_time() -> None:
    """Four desks, of which an order needs 0.2 seconds, bear 20 a second; of a rate, each use counts once."""
    assert shop(servers=4).limit("desk") == pytest.approx(20)
    assert shop(rate=30).limit("desk") == pytest.approx(15)
    assert evolve(shop(servers=4), cells=10).limit("desk") == pytest.approx(200)


def test_below_the_limit_few_wait_and_above_it_all_do() -> None:
    """The simulation agrees with the arithmetic."""
    calm, rush = (simulate(shop(servers=4), rate, orders=1000) for rate in (4, 60))
    assert nth(calm.waits["desk"], 0.5) == 0
    assert nth(calm.stories["served"], 0.5) < 1
    # Two thirds of what came in 17 seconds are left to do then.
    assert nth(rush.waits["desk"], 0.99) > 5


def test_the_same_seed_is_the_same_run() -> None:
    """Whoever reads a figure in docs/scaling.md gets the same one."""
    once, again = (simulate(shop(servers=4), 15, orders=200) for _ in range(2))
    assert once == again


@pytest.mark.parametrize("size", ["plan", "medium", "large", "cell"])
def test_every_size_can_be_told_of(size: str) -> None:
    """Each part is used by some step, and bears more the larger the shop."""
    told, plan = read_shop(size), read_shop()
    assert all(told.demand(part)[0] > 0 for part in told.parts)
    assert all(told.limit(part) >= plan.limit(part) for part in told.parts)


def test_what_falls_behind_is_said_with_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    """Mails first: an account just out of the sandbox may send 14 a second."""
    assert main(["20", "plan"]) == 0
    said = capsys.readouterr().out
    assert "SES: mails falls behind. Ask AWS for more." in said
    assert "Postgres: vCPUs falls behind" not in said


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["0"], "orders a second"),
        (["many"], "orders a second"),
        (["nan"], "orders a second"),
        (["10", "huge"], "There is no size huge; there are plan, medium, large, cell."),
        (["10", "--hot", "2"], "share above 0"),
    ],
)
def test_what_makes_no_sense_is_refused(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """With a sentence that says what to give."""
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert told in capsys.readouterr().err

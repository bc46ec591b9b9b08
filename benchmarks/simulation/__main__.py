"""Tell what limits the shop at so many orders a second: `make simulate RATE=10 SIZE=plan`."""

import argparse
import sys
from contextlib import suppress

from benchmarks.simulation.model import nth, simulate
from benchmarks.simulation.shop import NoSuchSize, Shop, read_shop
from terraform.costs import cost


def main(arguments: list[str]) -> int:
    """Prints the parts of the shop, the first to be full first, and what customers wait. 2 for bad input."""
    parser = argparse.ArgumentParser(prog="make simulate", description=__doc__)
    parser.add_argument("rate", type=_rate, help="orders a second")
    parser.add_argument("size", nargs="?", default="plan", help="of the shop, as parts.toml has it")
    parser.add_argument("--hot", type=_share, default=0.05, help="share of orders with the hottest product")
    options = parser.parse_args(arguments)
    try:
        shop = read_shop(options.size, options.hot)
    except NoSuchSize as error:
        parser.error(str(error))
    for line in report(shop, options.rate):
        print(line)
    return 0


def report(shop: Shop, rate: float) -> list[str]:
    """What is told of a shop at a rate."""
    simulated = simulate(shop, rate / shop.cells)
    limits = {name: shop.limit(name) for name in shop.parts}
    lines = [
        f"{rate:,.0f} orders a second; the shop is {shop.about}.",
        "",
        f"{'part':42} {'bears':>12} {'used':>7} {'wait p50':>9} {'p99':>9}",
    ]
    for name in sorted(limits, key=lambda name: limits[name]):
        waits = simulated.waits[name]
        lines.append(
            f"{shop.parts[name].name:42} {limits[name]:10,.0f}/s {rate / limits[name]:6.0%} "
            f"{_seconds(nth(waits, 0.5)):>9} {_seconds(nth(waits, 0.99)):>9}"
        )
    full = [name for name in limits if rate > limits[name]]
    lines += ["", "what customers wait for" + " (and longer with every second: see below)" * bool(full)]
    for story, spent in simulated.stories.items():
        lines.append(f"  {story:20} p50 {_seconds(nth(spent, 0.5)):>8}   p99 {_seconds(nth(spent, 0.99)):>8}")
    lines += ["", *_advice(shop, limits, full)]
    lines.append(
        f"AWS charges about {_dollars(rate):,.0f} dollars a month for that many orders, servers apart."
    )
    return lines


def _advice(shop: Shop, limits: dict[str, float], full: list[str]) -> list[str]:
    if not full:
        first = min(limits, key=lambda name: limits[name])
        return [
            f"Everything keeps up. The first to be full: {shop.parts[first].name}, at {limits[first]:,.0f}/s."
        ]
    return [
        f"{shop.parts[name].name} falls behind. {shop.parts[name].change}"
        for name in sorted(full, key=lambda name: limits[name])
    ]


def _dollars(rate: float) -> float:
    """A month of so many orders a second, without what is paid by the hour, such as servers."""
    prices, usage = cost.table("prices"), cost.table("usage")
    count = round(rate * prices["hours"] * 3600)
    return sum(item.dollars for item in cost.orders(count, cost.sizes_of("prod"), prices, usage))


def _seconds(value: float) -> str:
    return f"{value * 1000:.0f} ms" if value < 10 else f"{value:,.0f} s"


def _rate(text: str) -> float:
    return _number(text, 1_000_000, "give a number of orders a second, above 0, up to 1,000,000")


def _share(text: str) -> float:
    return _number(text, 1, "give a share above 0, and 1 at most")


def _number(text: str, most: float, told: str) -> float:
    with suppress(ValueError):
        if 0 < float(text) <= most:
            return float(text)
    raise argparse.ArgumentTypeError(told)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

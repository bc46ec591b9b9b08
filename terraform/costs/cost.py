"""What the shop costs a month on AWS, as docs/cost.md says it.

    .local/venv/bin/python terraform/costs/cost.py > docs/cost.md

From prices.toml, usage.toml and cuts.toml beside this file, and from the sizes in terraform/environments.
"""

import json
import re
import textwrap
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from attrs import frozen

HERE = Path(__file__).resolve().parent
ENVIRONMENTS = HERE.parent / "environments"
MILLION = 1_000_000
KB_IN_GB = 1_000_000


@frozen
class Item:
    """A line of the bill: what it is, and dollars a month."""

    name: str
    dollars: float


def floor(sizes: Mapping[str, Any], prices: Mapping[str, Any], usage: Mapping[str, Any]) -> list[Item]:
    """What an environment costs when nobody buys anything."""
    hours, always = prices["hours"], usage["floor"]
    postgres, catalog, network = prices["postgres"], prices["catalog"], prices["network"]
    servers = 2 if sizes["postgres_multi_az"] else 1
    endpoints = len(sizes["interface_endpoints"]) * len(sizes["zones"])
    runs = always["schedules"] * hours * 60
    polls = always["queues"] * always["queue_polls_a_minute"] * hours * 60
    logs = runs * always["log_kb_a_call"] / KB_IN_GB
    secrets = always["secrets"] + always["owners_secrets"]
    firewall = prices["firewall"]
    items = [
        Item(
            "Postgres (RDS and its proxy)",
            servers
            * (postgres[sizes["postgres_class"]] * hours + always["postgres_gb"] * postgres["storage_gb"])
            + postgres["vcpus"] * postgres["proxy_vcpu"] * hours,
        ),
        Item(
            "Catalog (DocumentDB)",
            sizes["catalog_instances"] * catalog[sizes["catalog_class"]] * hours
            + always["catalog_gb"] * catalog["storage_gb"],
        ),
        Item(
            "The way out (NAT)",
            sizes["nat_gateways"] * (network["nat_hour"] + network["address_hour"]) * hours,
        ),
        Item("Endpoints within the VPC", endpoints * network["endpoint_hour"] * hours),
        Item("Functions (Lambda)", _calls(runs, runs * always["schedule_gb_seconds"], prices)),
        Item("Messages (SQS, SNS)", polls / MILLION * prices["messages"]["million_queue_requests"]),
        Item(
            "Logs, metrics, traces",
            always["alarms"] * prices["watching"]["alarm"]
            + always["metrics"] * prices["watching"]["metric"]
            + logs * prices["watching"]["logs_gb"]
            + runs / MILLION * prices["watching"]["million_traces"],
        ),
        Item(
            "Secrets and keys",
            secrets * prices["secrets"]["secret"] + always["keys"] * prices["secrets"]["key"],
        ),
        Item(
            "Firewall (WAF)",
            always["firewalls"] * firewall["list"] + always["firewall_rules"] * firewall["rule"]
            if sizes["waf"]
            else 0,
        ),
    ]
    return [item for item in items if item.dollars]


def orders(
    count: int, sizes: Mapping[str, Any], prices: Mapping[str, Any], usage: Mapping[str, Any]
) -> list[Item]:
    """What so many orders a month add, when the shop has run for `months_kept`."""
    each, months = usage["order"], usage["million"]["months_kept"]
    archive, network, invoices, watching = (
        prices[name] for name in ("archive", "network", "invoices", "watching")
    )
    calls, requests = each["calls"] * count, each["requests"] * count
    site = each["site_requests"] * count if sizes["storefront"] else 0
    kept_gb = count * months / KB_IN_GB
    logs = (calls * usage["floor"]["log_kb_a_call"] + requests * each["log_kb_a_request"]) / KB_IN_GB
    servers = 2 if sizes["postgres_multi_az"] else 1
    within = each["endpoint_kb"] * count / KB_IN_GB
    items = [
        Item("Sign-in (Cognito)", _sign_in(count / usage["million"]["orders_a_customer"], prices["sign_in"])),
        Item("APIs (API Gateway)", requests / MILLION * prices["api"]["million_requests"]),
        Item("Functions (Lambda)", _calls(calls, calls * each["gb_seconds"], prices)),
        Item(
            "Postgres (RDS and its proxy)",
            servers * each["postgres_kb"] * kept_gb * prices["postgres"]["storage_gb"],
        ),
        Item("Catalog (DocumentDB)", each["catalog_io"] * count / MILLION * prices["catalog"]["million_io"]),
        Item(
            "Archive (Keyspaces)",
            each["archive_writes"] * count / MILLION * archive["million_writes"]
            + each["archive_reads"] * count / MILLION * archive["million_reads"]
            + each["archive_kb"] * kept_gb * (archive["storage_gb"] + archive["backup_gb"]),
        ),
        Item(
            "Messages (SQS, SNS)",
            each["queue_requests"] * count / MILLION * prices["messages"]["million_queue_requests"]
            + each["publishes"] * count / MILLION * prices["messages"]["million_publishes"],
        ),
        Item(
            "Invoices and mail",
            each["puts"] * count / 1000 * invoices["thousand_puts"]
            + each["gets"] * count / 1000 * invoices["thousand_gets"]
            + each["invoice_kb"] * kept_gb * invoices["storage_gb"]
            + each["mails"] * count / 1000 * invoices["thousand_mails"]
            + each["mails"] * each["invoice_kb"] * count / KB_IN_GB * invoices["attachments_gb"],
        ),
        Item(
            "Logs, metrics, traces",
            logs * (watching["logs_gb"] + sizes["log_days"] / 30 * watching["logs_kept_gb"])
            + requests * usage["floor"]["traced"] / MILLION * watching["million_traces"],
        ),
        Item("Traffic to customers", each["out_kb"] * count / KB_IN_GB * network["out_gb"]),
        Item(
            "The way out (NAT)",
            (each["nat_kb"] * count / KB_IN_GB + (0 if sizes["interface_endpoints"] else within))
            * network["nat_gb"],
        ),
        Item(
            "Endpoints within the VPC", within * network["endpoint_gb"] if sizes["interface_endpoints"] else 0
        ),
        Item("Storefront (CloudFront)", site / MILLION * prices["site"]["million_requests"]),
        Item(
            "Firewall (WAF)",
            (requests + site) / MILLION * prices["firewall"]["million_requests"] if sizes["waf"] else 0,
        ),
    ]
    return [item for item in items if item.dollars]


def together(*bills: list[Item]) -> list[Item]:
    """The bills as one, what costs most first."""
    sums: dict[str, float] = {}
    for bill in bills:
        for item in bill:
            sums[item.name] = sums.get(item.name, 0) + item.dollars
    return sorted((Item(name, dollars) for name, dollars in sums.items()), key=lambda item: -item.dollars)


def sizes_of(environment: str) -> dict[str, Any]:
    """What the environment's tfvars say: each `name = value` on a line of its own."""
    text = (ENVIRONMENTS / f"{environment}.tfvars").read_text(encoding="utf-8")
    return {name: json.loads(value) for name, value in re.findall(r"^(\w+)\s*= (.+)$", text, re.MULTILINE)}


def document() -> str:
    """The text of docs/cost.md."""
    prices, usage = table("prices"), table("usage")
    dev, prod = sizes_of("dev"), sizes_of("prod")
    count = usage["million"]["orders"]
    idle_dev, idle_prod = together(floor(dev, prices, usage)), together(floor(prod, prices, usage))
    busy = together(idle_prod, orders(count, prod, prices, usage))
    return "\n".join(_lines(prices, usage, idle_dev, idle_prod, busy)) + "\n"


def table(name: str) -> dict[str, Any]:
    """One of the tables beside this file: prices, usage or cuts."""
    return tomllib.loads((HERE / f"{name}.toml").read_text(encoding="utf-8"))


def _lines(
    prices: Mapping[str, Any], usage: Mapping[str, Any], dev: list[Item], prod: list[Item], busy: list[Item]
) -> Iterator[str]:
    known = [{item.name: item.dollars for item in bill} for bill in (dev, prod, busy)]
    sums = [sum(bill.values()) for bill in known]
    million = usage["million"]
    yield "# What it costs"
    yield ""
    yield _wrapped(
        f"Dollars a month in {prices['region']}, on demand, without taxes and without free tiers but "
        f"Cognito's, by prices of {prices['as_of']}, which were written down by hand: "
        "[prices.toml](../terraform/costs/prices.toml) says where from. The sizes are those of "
        "[terraform/environments](../terraform/environments); what an order uses is estimated in "
        "[usage.toml](../terraform/costs/usage.toml). The payment provider's fees are not in it. Change a "
        "number there, and print this page anew; a test holds that it was:"
    )
    yield ""
    yield "```sh"
    yield ".local/venv/bin/python terraform/costs/cost.py > docs/cost.md"
    yield "```"
    yield ""
    yield f"| | dev, idle | prod, idle | prod, {million['orders']:,} orders a month |"
    yield "|---|---:|---:|---:|"
    for item in busy:
        yield f"| {item.name} | " + " | ".join(_dollars(bill.get(item.name)) for bill in known) + " |"
    yield "| **together** | " + " | ".join(f"**{total:,.0f}**" for total in sums) + " |"
    yield ""
    yield _wrapped(
        f"That many orders are one every {prices['hours'] * 3600 / million['orders']:.1f} seconds, by "
        f"{million['orders'] / million['orders_a_customer']:,.0f} customers, and what is kept of them has "
        f"grown for {million['months_kept']} months. Beyond the idle floor an order costs "
        f"{(sums[2] - sums[1]) / million['orders'] * 100:.2f} cents."
    )
    yield ""
    yield "## The three largest items, and how to cut them"
    yield ""
    for title, bill in (("Dev, idle", dev), ("Prod, idle", prod), ("Prod, with these orders", busy)):
        yield f"- {title}: " + ", ".join(f"{item.name} {item.dollars:,.0f}" for item in bill[:3])
    yield ""
    cuts = table("cuts")
    largest = {item.name: None for bill in (busy, prod, dev) for item in bill[:3]}
    for name in largest:
        yield _wrapped(f"**{name}.** {cuts[name]}")
        yield ""
    yield _wrapped(
        "**Dev** costs next to nothing while it is not there: `terraform destroy` takes it down for a night, "
        "and `terraform apply` makes it anew in half an hour, empty."
    )


def _wrapped(text: str) -> str:
    return textwrap.fill(text, 118, break_long_words=False, break_on_hyphens=False)


def _dollars(amount: float | None) -> str:
    return "" if amount is None else f"{amount:,.0f}" if amount >= 10 else f"{amount:,.2f}"


def _calls(calls: float, gb_seconds: float, prices: Mapping[str, Any]) -> float:
    functions = prices["functions"]
    return float(calls / MILLION * functions["million_calls"] + gb_seconds * functions["gb_second"])


def _sign_in(customers: float, prices: Mapping[str, Any]) -> float:
    dollars, left = 0.0, customers - prices["free"]
    for size, price in prices["tiers"]:
        dollars += max(0, min(left, size)) * price
        left -= size
    return dollars


if __name__ == "__main__":
    print(document(), end="")

"""docs/cost.md is what the model says, and the model counts what the plan has."""

import tomllib

from common.ports.metrics import Metric
from terraform.costs import cost
from tests.apps import ROOT
from tests.terraform.conftest import PLAN, Environment
from tests.terraform.made import made


def test_the_page_is_what_the_program_prints():
    """Whoever changes a price, a size or an estimate prints the page anew."""
    page = (ROOT / "docs" / "cost.md").read_text(encoding="utf-8")
    assert page == cost.document(), ".local/venv/bin/python terraform/costs/cost.py > docs/cost.md"


def test_what_is_counted_is_in_the_plan(environment: Environment):
    """Secrets, keys, alarms, schedules, queues, rules: as many as prod has."""
    plan = made(environment("prod").states["applied"])
    always = tomllib.loads((PLAN / "costs" / "usage.toml").read_text(encoding="utf-8"))["floor"]
    firewalls = plan.of("aws_wafv2_web_acl").values()
    (server,) = plan.of("aws_db_instance").values()
    assert always["secrets"] == len(plan.of("aws_secretsmanager_secret"))
    assert always["keys"] == len(plan.of("aws_kms_key"))
    assert always["alarms"] == len(plan.of("aws_cloudwatch_metric_alarm"))
    assert always["metrics"] == len(Metric)
    assert always["schedules"] == len(plan.of("aws_cloudwatch_event_rule"))
    assert always["queues"] == len(plan.of("aws_lambda_event_source_mapping"))
    assert always["firewalls"] == len(firewalls)
    assert always["firewall_rules"] == sum(len(firewall["rule"]) for firewall in firewalls)
    assert always["postgres_gb"] == server["allocated_storage"]


def test_customers_are_paid_for_by_their_tier():
    """The first are free, and each tier has its price."""
    prices = {"free": 10, "tiers": [[90, 2.0], [100, 1.0]]}
    assert [cost._sign_in(customers, prices) for customers in (5, 10, 11, 100, 110)] == [0, 0, 2, 180, 190]


def test_bills_are_added_by_their_items():
    """What costs most comes first."""
    bill = cost.together([cost.Item("a", 1.0), cost.Item("b", 2.0)], [cost.Item("a", 3.0)])
    assert bill == [cost.Item("a", 4.0), cost.Item("b", 2.0)]


def test_prod_with_orders_costs_more_than_idle_and_dev_less():
    """The model is put together the right way round."""
    prices, usage = (
        tomllib.loads((PLAN / "costs" / f"{name}.toml").read_text(encoding="utf-8"))
        for name in ("prices", "usage")
    )
    dev, prod = cost.sizes_of("dev"), cost.sizes_of("prod")
    idle = sum(item.dollars for item in cost.floor(prod, prices, usage))
    assert sum(item.dollars for item in cost.floor(dev, prices, usage)) < idle / 3
    some = sum(item.dollars for item in cost.orders(100_000, prod, prices, usage))
    assert 0 < some < sum(item.dollars for item in cost.orders(1_000_000, prod, prices, usage))

"""A trace goes from API Gateway through functions, the topic and its queues: each is told to go on."""

from local.services import SERVICES
from tests.terraform.conftest import Environment
from tests.terraform.made import made


def test_a_trace_has_no_gap(environment: Environment) -> None:
    """Each API and each function of a service is traced, and so is the topic between them."""
    plan = made(environment("prod").states["applied"])
    modes = {
        f"{service}.{name}": [config["mode"] for config in function["tracing_config"]]
        for service in SERVICES
        for name, function in plan.of("aws_lambda_function", f"module.{service}").items()
    }
    assert len(modes) > len(SERVICES)
    assert {name for name, mode in modes.items() if mode != ["Active"]} == set()
    stages = plan.of("aws_api_gateway_stage")
    assert stages
    assert {name for name, stage in stages.items() if not stage["xray_tracing_enabled"]} == set()
    topic = plan.of("aws_sns_topic", "module.messaging")["payments"]
    assert topic["tracing_config"] == "Active"
    [policy] = plan.of("aws_xray_resource_policy").values()
    assert policy["policy_name"] == topic["name"]

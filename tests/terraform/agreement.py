"""Where what Terraform makes and what the code asks for are not the same: a sentence for each difference."""

import json
import re
from collections.abc import Iterator, Mapping

from tests.terraform.code import HTTP, Function, ServiceCode
from tests.terraform.made import Made

# What starts a function, in the types of Terraform: each names the function by its ARN.
_SOURCES = {"queue": "aws_lambda_event_source_mapping", "schedule": "aws_cloudwatch_event_target"}


def differences(code: Mapping[str, ServiceCode], plan: Made) -> list[str]:
    """All that the code asks for and is not made, and all that is made and nobody asks for."""
    found = []
    for name, service in code.items():
        found += [
            f"{name}: {said}" for said in (*_functions(name, service, plan), *_variables(name, service, plan))
        ]
        found += [f"{name}: {said}" for said in _triggers(name, service, plan)]
    return [*found, *_queues(code, plan), *_topics(code, plan), *_buckets(code, plan), *_paths(code, plan)]


def _compared(what: str, asked: set[str], there: set[str]) -> Iterator[str]:
    """A sentence for each that is on one side only."""
    for name in sorted(asked - there):
        yield f"{what} {name} is in the code and not in the plan."
    for name in sorted(there - asked):
        yield f"{what} {name} is in the plan and not in the code."


def _functions(name: str, service: ServiceCode, plan: Made) -> Iterator[str]:
    """Each function has its role, its log group, and its settings."""
    functions = plan.of("aws_lambda_function", f"module.{name}")
    yield from _compared("the function", set(service.functions), set(functions))
    configured = set(service.config["lambda_functions"])
    yield from _compared("the configured function", set(service.functions), configured)
    roles = plan.of("aws_iam_role", "module.roles")
    yield from _compared(
        "the role of the function",
        {f"{name}-{function}" for function in service.functions},
        {_key(key) for key in roles if _key(key).startswith(f"{name}-")},
    )
    logs = {group["name"] for group in plan.of("aws_cloudwatch_log_group").values()}
    for key in sorted(set(functions) & set(service.functions)):
        made = functions[key]
        if made["role"] != roles.get(f'this["{name}-{key}"]', {}).get("arn"):
            yield f"{key} does not have its own role."
        if f"/aws/lambda/{made['function_name']}" not in logs:
            yield f"{key} has no log group."
        for setting, argument in (
            ("lambda_memory_size", "memory_size"),
            ("lambda_timeout", "timeout"),
            ("reserved_concurrency", "reserved_concurrent_executions"),
        ):
            if made[argument] != service.setting(key, setting):
                yield f"{key} has {made[argument]} for {setting}, not {service.setting(key, setting)}."
        if bool(made["vpc_config"]) != ("subnet_ids" in service.config["stages"]["aws"]):
            yield f"{key} is in the VPC or out of it against its configuration."


def _variables(name: str, service: ServiceCode, plan: Made) -> Iterator[str]:
    """Each function is given the environment variables that its service reads, and no others."""
    yield from _compared("the configured variable", set(service.read), set(service.given))
    for key, made in plan.of("aws_lambda_function", f"module.{name}").items():
        given = made["environment"][0]["variables"]
        yield from _compared(f"{key}: the variable", set(service.read), set(given))
        yield from (f"{key}: {variable} has no value." for variable, value in given.items() if value is None)


def _triggers(name: str, service: ServiceCode, plan: Made) -> Iterator[str]:
    """Each queue and each schedule starts its function, which tells the messages that failed one by one."""
    for kind, resource in _SOURCES.items():
        asked = {key for key, function in service.functions.items() if function.kind == kind}
        there = {
            key.removesuffix("-sqs-event-source").removesuffix("-event")
            for key in plan.of(resource, f"module.{name}")
        }
        yield from _compared(f"the {kind} of the function", asked, there)
    for key, mapping in plan.of(_SOURCES["queue"], f"module.{name}").items():
        if mapping["function_response_types"] != ["ReportBatchItemFailures"]:
            yield f"{key} does not tell which messages of a batch failed."


def _queues(code: Mapping[str, ServiceCode], plan: Made) -> Iterator[str]:
    """Each consumer reads a queue that hears of the topic, and each queue has one."""
    queues = {queue["name"]: queue for queue in plan.of("aws_sqs_queue", "module.messaging").values()}
    read = set()
    for name, key, function in _started_by(code, "queue"):
        there = plan.of("aws_lambda_function", f"module.{name}").get(key)
        if there is None:
            continue
        queue = there["environment"][0]["variables"].get(function.variable)
        read.add(queue)
        if queue not in queues:
            yield f"{name}: {key} reads the queue {queue}, which is not in the plan."
        elif queues[queue]["visibility_timeout_seconds"] < 6 * there["timeout"]:
            yield f"{name}: a message of {queue} is hidden for less than six times what {key} may take."
    waiting = {
        json.loads(q["redrive_policy"])["deadLetterTargetArn"] for q in queues.values() if q["redrive_policy"]
    }
    dead = {name for name, queue in queues.items() if queue["arn"] in waiting}
    yield from (f"The queue {name} is read by no function." for name in sorted(set(queues) - read - dead))
    subscribed = {s["endpoint"] for s in plan.of("aws_sns_topic_subscription", "module.messaging").values()}
    arns = {queue["arn"] for name, queue in queues.items() if name not in dead}
    if subscribed != arns:
        yield "Not every queue that functions read hears of the topic, or one that none reads does."


def _topics(code: Mapping[str, ServiceCode], plan: Made) -> Iterator[str]:
    """Each topic is published to, or heard, by a function; but for that of alarms, which people hear."""
    topics = {topic["name"]: topic for topic in plan.of("aws_sns_topic", "module.messaging").values()}
    known = {topic["arn"]: name for name, topic in topics.items()}
    used = {"shop-alarms"}
    for name in code:
        for made in plan.of("aws_lambda_function", f"module.{name}").values():
            given = made["environment"][0]["variables"]
            used |= {known.get(value, value) for key, value in given.items() if "_TOPIC" in key}
    yield from _compared("The topic", used, set(topics))
    heard = {
        s["topic_arn"].rpartition(":")[2]
        for s in plan.of("aws_sns_topic_subscription", "module.notification").values()
    }
    asked = {
        plan.of("aws_lambda_function", f"module.{name}")[key]["environment"][0]["variables"][
            function.variable
        ]
        for name, key, function in _started_by(code, "topic")
        if key in plan.of("aws_lambda_function", f"module.{name}")
    }
    yield from _compared("The topic that a function hears,", asked, heard)


def _buckets(code: Mapping[str, ServiceCode], plan: Made) -> Iterator[str]:
    """Each bucket is used, and tells the function that asks for it."""
    buckets = {bucket["id"] for bucket in plan.of("aws_s3_bucket", "module.storage").values()}
    used = {
        value
        for name in code
        for made in plan.of("aws_lambda_function", f"module.{name}").values()
        for key, value in made["environment"][0]["variables"].items()
        if key.endswith("_BUCKET")
    }
    yield from _compared("The bucket", used, buckets)
    telling = {
        (notification["bucket"], told["lambda_function_arn"])
        for notification in plan.of("aws_s3_bucket_notification").values()
        for told in notification["lambda_function"]
    }
    for name, key, function in _started_by(code, "bucket"):
        made = plan.of("aws_lambda_function", f"module.{name}").get(key)
        if made and (made["environment"][0]["variables"].get(function.variable), made["arn"]) not in telling:
            yield f"{name}: no bucket tells {key} of new objects."


def _paths(code: Mapping[str, ServiceCode], plan: Made) -> Iterator[str]:
    """The shop's domain leads to the service that answers."""
    asked = {
        f"/{path.split('/')[1]} of {name}"
        for name, service in code.items()
        if HTTP in service.functions
        for path in service.paths
    }
    apis = {api["id"]: name.split(".")[1] for name, api in plan.of("aws_api_gateway_rest_api").items()}
    there = set()
    for stack in plan.of("aws_cloudformation_stack", "module.edge").values():
        for rule in json.loads(stack["template_body"])["Resources"].values():
            if rule["Type"] == "AWS::ApiGatewayV2::RoutingRule":
                service = apis[rule["Properties"]["Actions"][0]["InvokeApi"]["ApiId"]]
                for condition in rule["Properties"]["Conditions"]:
                    there |= {f"/{path} of {service}" for path in condition["MatchBasePaths"]["AnyOf"]}
    yield from _compared("The path", asked, there)


def _started_by(code: Mapping[str, ServiceCode], kind: str) -> Iterator[tuple[str, str, Function]]:
    for name, service in code.items():
        for key, function in service.functions.items():
            if function.kind == kind:
                yield name, key, function


def _key(address: str) -> str:
    """What `for_each` calls it: order-migrate, of this["order-migrate"]."""
    named = re.search(r'\["(.+)"\]', address)
    return named[1] if named else address

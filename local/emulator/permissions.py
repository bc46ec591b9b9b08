"""Corrections of what a role must be allowed."""

import json
from collections.abc import Iterator, Sequence
from email.utils import parseaddr
from importlib import import_module
from typing import Any

from local.emulator.credentials import ACCOUNT_ID, REGION
from local.emulator.settings import Settings, core, service, wrap

# AWS knows no action of these names: whoever may do one may do a batch.
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsns.html
_BATCHES = {
    "sns:PublishBatch": "sns:Publish",
    "sqs:SendMessageBatch": "sqs:SendMessage",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
}


def batch_actions(_: Settings) -> None:
    """Ask for the permission of the single operation where a batch is done; MiniStack asks for another."""
    actions: Any = import_module("ministack.core.iam_actions")
    original = actions.extract_iam_action

    def extract_iam_action(*args: Any, **options: Any) -> str | None:
        action: str | None = original(*args, **options)
        return _BATCHES.get(action or "", action)

    actions.extract_iam_action = extract_iam_action


def senders_of_mail(_: Settings) -> None:
    """Let a role send mail from the one identity and address that its policy names.

    MiniStack asks whether it may send from any, so a policy as narrow as it should be allows nothing; and for
    a mail that comes as a whole AWS asks for ses:SendRawEmail, too.
    https://docs.aws.amazon.com/ses/latest/APIReference-V2/API_SendEmail.html
    """
    app: Any = import_module("ministack.app")
    original = app._enforce_ses_v2

    def enforce(method: str, path: str, headers: Any, body: bytes, query_params: Any, request_id: str) -> Any:
        if method != "POST" or not path.rstrip("/").endswith("/outbound-emails"):
            return original(method, path, headers, body, query_params, request_id)
        mail = json.loads(body)
        sender = parseaddr(mail.get("FromEmailAddress", ""))[1]
        asked = ["ses:SendEmail", *(["ses:SendRawEmail"] if "Raw" in mail.get("Content", {}) else [])]
        refused = (
            app._enforce_data_plane(
                "sesv2",
                action,
                headers,
                query_params,
                request_id,
                resource_arn=f"arn:aws:ses:{REGION}:{ACCOUNT_ID}:identity/{sender}",
                service_context={"ses:FromAddress": sender},
            )
            for action in asked
        )
        return next((answer for answer in refused if answer), None)

    app._enforce_ses_v2 = enforce


def pollers(_: Settings) -> None:
    """Fetch messages for a function only where its role may, as Lambda does; MiniStack asks nobody.

    The log of the emulator says which permission is missing.
    """
    lambda_service = service("lambda_svc")
    told: dict[str, str] = {}

    def make(original: Any) -> Any:
        def mappings() -> Iterator[Any]:
            for account, region, mapping in original():
                missing = _missing_of_poller(lambda_service, mapping)
                if told.get(mapping["UUID"], "") != missing:
                    told[mapping["UUID"]] = missing
                    print(f"{mapping['FunctionName']} {missing or 'may fetch its messages'}", flush=True)
                if not missing:
                    yield account, region, mapping

        return mappings

    wrap(lambda_service, "_iter_all_esms", make)


def _missing_of_poller(lambda_service: Any, mapping: Any) -> str:
    queue = mapping.get("EventSourceArn", "")
    _, config = lambda_service._get_func_record_for_qualifier(
        mapping["FunctionName"], mapping.get("Qualifier")
    )
    if ":sqs:" not in queue or not config:
        return ""
    # https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
    asked = ("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")
    missing = _missing(_role(config), asked, queue)
    return f"is not authorized to perform: {', '.join(missing)} on resource: {queue}" if missing else ""


def logs_of_functions(_: Settings) -> None:
    """Write what a function prints only where its role may, as Lambda does; MiniStack asks nobody."""

    def make(original: Any) -> Any:
        def emit(function: Any, *rest: Any, **named: Any) -> None:
            config = function.get("config") or function
            group = f"/aws/lambda/{config.get('FunctionName')}"
            stream = f"arn:aws:logs:{REGION}:{ACCOUNT_ID}:log-group:{group}:log-stream:any"
            asked = ("logs:CreateLogStream", "logs:PutLogEvents")
            if not _missing(_role(config), asked, stream):
                original(function, *rest, **named)

        return emit

    wrap(service("lambda_svc"), "_emit_lambda_logs", make)


def missing_objects(_: Settings) -> None:
    """Tell that an object is missing only those who may list the bucket; the others read AccessDenied.

    MiniStack tells everybody.
    https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html#API_GetObject_RequestSyntax
    """
    s3 = service("s3")
    evaluator = core("iam_evaluator")
    actions: Any = import_module("ministack.core.iam_actions")

    def make(original: Any) -> Any:
        def read(bucket: str, key: str, *rest: Any, **named: Any) -> Any:
            answer = original(bucket, key, *rest, **named)
            caller = evaluator.caller_arn()
            arn = f"arn:aws:s3:::{bucket}"
            if answer[0] != 404 or ":assumed-role/" not in caller:
                return answer
            if not _missing(evaluator._role_name_from_assumed_arn(caller), ["s3:ListBucket"], arn):
                return answer
            why = actions.identity_denial_message("s3:ListBucket", caller, arn, explicit_deny=False)
            return s3._error("AccessDenied", why, 403, f"/{bucket}/{key}")

        return read

    for name in ("_get_object", "_head_object"):
        wrap(s3, name, make)


def _role(config: Any) -> str:
    """The name of a function's role."""
    return str(config.get("Role", "")).rpartition("/")[2]


def _missing(role: str, actions: Sequence[str], resource: str) -> list[str]:
    """Those actions that the policies of a role do not allow, as MiniStack reads them for who calls it."""
    evaluator = core("iam_evaluator")
    policies = evaluator._gather_role_policies(role, ACCOUNT_ID)

    def is_allowed(action: str) -> bool:
        asked = evaluator.EvalContext(
            principal_arn=f"arn:aws:iam::{ACCOUNT_ID}:role/{role}",
            principal_type="AssumedRole",
            principal_account=ACCOUNT_ID,
            action=action,
            resource_arn=resource,
            region=REGION,
        )
        return bool(evaluator.evaluate(asked, policies).decision == "Allow")

    return [action for action in actions if not is_allowed(action)]

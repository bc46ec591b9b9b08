"""Corrections of what a role must be allowed."""

import json
from email.utils import parseaddr
from importlib import import_module
from typing import Any

from local.emulator.credentials import ACCOUNT_ID, REGION
from local.emulator.settings import Settings

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

    MiniStack asks whether it may send from any, so a policy as narrow as it should be allows nothing.
    """
    app: Any = import_module("ministack.app")
    original = app._enforce_ses_v2

    def enforce(method: str, path: str, headers: Any, body: bytes, query_params: Any, request_id: str) -> Any:
        if method != "POST" or not path.rstrip("/").endswith("/outbound-emails"):
            return original(method, path, headers, body, query_params, request_id)
        sender = json.loads(body).get("FromEmailAddress", "")
        return app._enforce_data_plane(
            "sesv2",
            "ses:SendEmail",
            headers,
            query_params,
            request_id,
            resource_arn=f"arn:aws:ses:{REGION}:{ACCOUNT_ID}:identity/{parseaddr(sender)[1]}",
            service_context={"ses:FromAddress": parseaddr(sender)[1]},
        )

    app._enforce_ses_v2 = enforce

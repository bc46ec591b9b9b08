"""Corrections of what a role must be allowed."""

from importlib import import_module
from typing import Any

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

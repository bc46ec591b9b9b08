"""Corrections of SQS and SNS."""

import json
import time
import uuid
from typing import Any

from local.emulator.settings import Settings, service


def move_tasks(_: Settings) -> None:
    """Add StartMessageMoveTask, ListMessageMoveTasks and ListDeadLetterSourceQueues.

    They are how messages of a dead-letter queue are sent again; MiniStack does not know them.
    """
    sqs = service("sqs")
    tasks: list[dict[str, Any]] = []

    def start(data: dict[str, Any], _: Any) -> dict[str, str]:
        source = sqs._queue_by_arn(data.get("SourceArn", ""))
        if source is None:
            raise sqs._Err(
                "ResourceNotFoundException",
                "The resource that you specified for the SourceArn parameter doesn't exist.",
                404,
            )
        moved = _move(sqs, source, data.get("DestinationArn"))
        task = {
            "TaskHandle": str(uuid.uuid4()),
            "Status": "COMPLETED",
            "SourceArn": data["SourceArn"],
            "ApproximateNumberOfMessagesMoved": moved,
            "ApproximateNumberOfMessagesToMove": moved,
            "StartedTimestamp": int(time.time() * 1000),
        }
        if data.get("DestinationArn"):
            task["DestinationArn"] = data["DestinationArn"]
        tasks.insert(0, task)
        return {"TaskHandle": str(task["TaskHandle"])}

    def list_tasks(data: dict[str, Any], _: Any) -> dict[str, Any]:
        found = [
            {key: value for key, value in task.items() if key != "TaskHandle"}
            for task in tasks
            if task["SourceArn"] == data.get("SourceArn")
        ]
        return {"Results": found[: int(data.get("MaxResults") or 1)]}

    def list_sources(_: dict[str, Any], url: str) -> dict[str, list[str]]:
        arn = sqs._get_q(url)["attributes"].get("QueueArn")
        queues = sqs._queues.values()
        return {"queueUrls": [queue["url"] for queue in queues if _dead_letter_target(queue) == arn]}

    sqs._HANDLERS.update(
        StartMessageMoveTask=start, ListMessageMoveTasks=list_tasks, ListDeadLetterSourceQueues=list_sources
    )


def _move(sqs: Any, source: dict[str, Any], destination: str | None) -> int:
    """Move the messages that are visible to the destination, or back to where each came from."""
    now = time.time()
    kept = []
    moved = 0
    with sqs._queues_lock:
        for message in source["messages"]:
            origin = message.get("sys", {}).get("DeadLetterQueueSourceArn")
            target = sqs._queue_by_arn(destination or origin or "")
            if target is None or message["visible_at"] > now:
                kept.append(message)
                continue
            system = {k: v for k, v in message.get("sys", {}).items() if k != "DeadLetterQueueSourceArn"}
            fresh = {"receipt_handle": None, "receive_count": 0, "first_receive_at": None}
            target["messages"].append(
                {**message, **fresh, "visible_at": now, "enqueued_at": now, "sys": system}
            )
            moved += 1
        source["messages"] = kept
    sqs.esm_wake.set()
    return moved


def _dead_letter_target(queue: dict[str, Any]) -> str | None:
    try:
        policy = json.loads(queue["attributes"].get("RedrivePolicy") or "{}")
    except ValueError:
        return None
    target: str | None = policy.get("deadLetterTargetArn")
    return target


def notifications(_: Settings) -> None:
    """Let a topic call a function asynchronously, so that a failed call is tried again, as SNS and Lambda do.

    MiniStack calls it once, and forgets the message when the call fails. It also leaves out the Subject of a
    message that has none, where SNS sends null; Chalice reads it, and fails.
    """
    lambda_service = service("lambda_svc")

    class Queueing:
        """MiniStack's module of functions, but for the one call that a topic makes."""

        def __getattr__(self, name: str) -> Any:
            return getattr(lambda_service, name)

        def _execute_function_with_config_scope(self, function: Any, event: Any) -> None:
            for record in event["Records"]:
                record["Sns"].setdefault("Subject", None)
            lambda_service.invoke_async_with_retry(function, event)

    service("sns")._lambda_svc = Queueing()

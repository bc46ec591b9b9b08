"""Corrections that make what the emulator has acknowledged survive `kill -9`.

MiniStack writes its state when it is stopped, so a kill loses everything since its start. Here whatever a
call changed is on disk before the call is answered:

- objects of S3 by MiniStack itself, which writes each one when it is put;
- messages of SQS, and calls of functions that nobody waits for, as rows of a SQLite file (`journal`): one
  commit for a change costs less than a millisecond however full the queues are;
- all else (pools, users, secrets, topics, functions, ...) as MiniStack's own file of that service.

A kill of the process loses nothing that the operating system has been given, so nothing waits for the disk.
Not kept, on purpose: logs of functions in CloudWatch (they stand in the emulator's log file too), metrics,
the number of mails sent, uploads in parts that were not completed.
"""

import contextlib
import contextvars
import json
import re
import sqlite3
import threading
import time
from collections.abc import Callable
from functools import cache
from types import SimpleNamespace
from typing import Any

from local.emulator.settings import Settings, application, core, service, wrap

_READS = re.compile(
    "(Admin)?(Get|List|Describe|Batch(Get|Check)|Check|Estimate|Simulate|Test|Validate|Search)"
)
_QUERY_ACTION = re.compile(rb"(?:^|&)Action=(\w+)")


@cache
def journal_of(settings: Settings) -> "Journal":
    """The one journal of this emulator."""
    return Journal(settings)


class Journal:
    """Rows that are committed one by one; safe to use from several threads."""

    def __init__(self, settings: Settings) -> None:
        settings.state.mkdir(parents=True, exist_ok=True)
        self._lock = threading.RLock()
        self._database = sqlite3.connect(
            settings.state / "journal.sqlite", check_same_thread=False, isolation_level=None
        )
        self._database.executescript(
            """
            PRAGMA journal_mode = WAL;
            PRAGMA synchronous = NORMAL;
            CREATE TABLE IF NOT EXISTS queues (name TEXT PRIMARY KEY, queue TEXT NOT NULL);
            CREATE TABLE IF NOT EXISTS messages (
                place INTEGER PRIMARY KEY, queue TEXT NOT NULL, id TEXT NOT NULL, message TEXT NOT NULL,
                UNIQUE (queue, id)
            );
            CREATE TABLE IF NOT EXISTS calls (
                id INTEGER PRIMARY KEY, account TEXT NOT NULL, region TEXT NOT NULL,
                function TEXT NOT NULL, event TEXT NOT NULL
            );
            """
        )

    @contextlib.contextmanager
    def transaction(self) -> Any:
        """Yields the database; commits at the end, or takes all back."""
        with self._lock:
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield self._database
            except BaseException:
                self._database.execute("ROLLBACK")
                raise
            self._database.execute("COMMIT")


def asynchronous_calls(settings: Settings) -> None:
    """Keep each asynchronous call of a function (Event invocations, S3 events, topics) until it has ended.

    One that a kill interrupted, or that still waited, is made again at the next start, so a function may see
    an event twice, as on AWS. MiniStack holds them in threads; an S3 event or a notification is not even
    there yet when the call that caused it is answered: those two are started within the call here.
    """
    lambda_service = service("lambda_svc")
    journal = journal_of(settings)

    def call(function: dict[str, Any], event: Any) -> None:
        config = function.get("config") or function
        account, region = lambda_service._account_region_from_function_config(config)
        with journal.transaction() as database:
            row = database.execute(
                "INSERT INTO calls (account, region, function, event) VALUES (?, ?, ?, ?)",
                (account, region, config["FunctionArn"], json.dumps(event)),
            ).lastrowid
        run(row, account, region, function, event)

    def run(row: int, account: str, region: str, function: dict[str, Any], event: Any) -> None:
        def attempts() -> None:
            config = function.get("config") or function
            wanted = function.get("event_invoke_config") or {}
            retries = wanted.get("MaximumRetryAttempts", 2)
            with core("responses").request_scope(account, region):
                for attempt in range(retries + 1):
                    if attempt:
                        time.sleep(
                            min(
                                lambda_service._LAMBDA_ASYNC_RETRY_BASE_SECONDS * 2 ** (attempt - 1),
                                lambda_service._LAMBDA_ASYNC_RETRY_MAX_SECONDS,
                            )
                        )
                    result = lambda_service._execute_function(function, event)
                    if result.get("log"):
                        lambda_service.logger.info("%s:\n%s", config["FunctionName"], result["log"])
                    if not result.get("error"):
                        break
                else:
                    target = (wanted.get("DestinationConfig") or {}).get("OnFailure", {}).get("Destination")
                    target = target or (config.get("DeadLetterConfig") or {}).get("TargetArn")
                    if target:
                        lambda_service._route_async_failure(target, config["FunctionName"], event, result)
            with journal.transaction() as database:
                database.execute("DELETE FROM calls WHERE id = ?", (row,))

        # In the context of whoever caused it: its trace goes on.
        within = contextvars.copy_context()
        threading.Thread(target=within.run, args=(attempts,), daemon=True, name="asynchronous-call").start()

    def resume() -> None:
        with journal.transaction() as database:
            rows = database.execute("SELECT id, account, region, function, event FROM calls").fetchall()
        for row, account, region, arn, event in rows:
            with core("responses").request_scope(account, region):
                function, config, _ = lambda_service._get_func_record_for_ref(arn)
                if function and config:
                    record = lambda_service._execution_record_for_config(function, config)
                    run(row, account, region, record, json.loads(event))
                    continue
            with journal.transaction() as database:
                database.execute("DELETE FROM calls WHERE id = ?", (row,))

    lambda_service.invoke_async_with_retry = call
    notifications, objects = service("sns"), service("s3")
    notifications._threading = _threads_but(lambda: notifications._deliver_to_lambda)
    objects.threading = _threads_but(lambda: objects._fire_s3_event)
    _after_loading(resume)


def _threads_but(function: Callable[[], Any]) -> SimpleNamespace:
    """The module `threading`, whose threads run at once, in the caller's, when they are for this function."""

    class Thread(threading.Thread):
        def __init__(self, *, target: Any = None, args: Any = (), kwargs: Any = None, **named: Any) -> None:
            super().__init__(target=target, args=args, kwargs=kwargs, **named)
            self._is_for_function = bool(args) and args[0] is function()

        def start(self) -> None:
            if self._is_for_function:
                self.run()
            else:
                super().start()

    return SimpleNamespace(**{**vars(threading), "Thread": Thread})


def queues(settings: Settings) -> None:
    """Keep queues and their messages in the journal; a message that was being worked on comes back at once.

    The function that had received it is gone with the emulator, so it need not wait for its timeout.
    """
    sqs = service("sqs")
    lambda_service = service("lambda_svc")
    journal = journal_of(settings)
    saved_queues: dict[str, str] = {}
    saved_messages: dict[str, dict[str, Any]] = {}
    saving = threading.Lock()

    def save() -> None:
        with saving:
            found = {"\x00".join(map(str, key)): queue for key, queue in list(sqs._queues._data.items())}
            changes = [change for name, queue in found.items() for change in _changes(name, queue)]
            for name in saved_queues.keys() - found.keys():
                changes.append(("DELETE FROM messages WHERE queue = ?", (name,)))
                changes.append(("DELETE FROM queues WHERE name = ?", (name,)))
                del saved_queues[name], saved_messages[name]
            if changes:
                with journal.transaction() as database:
                    for statement, values in changes:
                        database.execute(statement, values)

    def _changes(name: str, queue: dict[str, Any]) -> list[tuple[str, tuple[Any, ...]]]:
        changes: list[tuple[str, tuple[Any, ...]]] = []
        rest = json.dumps({key: value for key, value in queue.items() if key != "messages"})
        if saved_queues.get(name) != rest:
            saved_queues[name] = rest
            changes.append(("INSERT OR REPLACE INTO queues VALUES (?, ?)", (name, rest)))
        before = saved_messages.get(name, {})
        now = {}
        for message in list(queue["messages"]):
            # What changes of a message while it waits.
            state = (message.get("receive_count"), message.get("visible_at"), message.get("receipt_handle"))
            now[message["id"]] = state
            if before.get(message["id"]) != state:
                changes.append(
                    (
                        "INSERT INTO messages (queue, id, message) VALUES (?, ?, ?)"
                        " ON CONFLICT (queue, id) DO UPDATE SET message = excluded.message",
                        (
                            name,
                            message["id"],
                            _to_json(dict(message)),
                        ),
                    )
                )
        for gone in before.keys() - now.keys():
            changes.append(("DELETE FROM messages WHERE queue = ? AND id = ?", (name, gone)))
        saved_messages[name] = now
        return changes

    def load() -> None:
        with journal.transaction() as database:
            kept = database.execute("SELECT name, queue FROM queues").fetchall()
            messages = database.execute("SELECT queue, message FROM messages ORDER BY place").fetchall()
        found = {name: {**json.loads(queue), "messages": []} for name, queue in kept}
        now = time.time()
        for name, text in messages:
            message = _from_json(text)
            if message.get("receipt_handle"):
                message["visible_at"] = min(message["visible_at"], now)
            found[name]["messages"].append(message)
        for name, queue in found.items():
            account, region, url = name.split("\x00")
            sqs._queues.set_scoped(account, region, url, queue)
        sqs._rebuild_queue_name_index()
        sqs.esm_wake.set()

    def then_save(original: Any) -> Any:
        def changed(*arguments: Any, **named: Any) -> Any:
            try:
                return original(*arguments, **named)
            finally:
                save()

        return changed

    def answer_when_saved(original: Any) -> Any:
        async def handle_request(*arguments: Any, **named: Any) -> Any:
            answer = await original(*arguments, **named)
            save()
            return answer

        return handle_request

    # The journal replaces MiniStack's own file of this service.
    application()._state_map.pop("sqs", None)
    for module in (sqs, service("sns")):
        wrap(module, "handle_request", answer_when_saved)
    for name in ("_receive_messages_for_esm", "_delete_messages_for_esm"):
        wrap(sqs, name, then_save)
    wrap(lambda_service, "_route_async_failure", then_save)
    _after_loading(load)


def services(_: Settings) -> None:
    """Save a service's state after each call that may have changed it, before the call is answered."""
    persistence = core("persistence")
    # Saved when MiniStack stops, they would only grow; they are of no use to the next start.
    for forgotten in ("cloudwatch_logs", "cloudwatch", "cloudtrail"):
        application()._state_map.pop(forgotten, None)
    persistence.logger.setLevel("WARNING")
    _remember_digests(service("lambda_svc"))

    def make(state: str, module: Any) -> Callable[[Any], Any]:
        def made(original: Any) -> Any:
            async def handle_request(
                method: str, path: str, headers: Any, body: bytes, query: Any, **named: Any
            ) -> Any:
                answer = await original(method, path, headers, body, query, **named)
                if _may_change(state, method, path, headers, body, query):
                    persistence.save_state(state, _whole(module.get_state))
                return answer

            return handle_request

        return made

    for state in (
        "apigateway_v1", "cognito", "eventbridge", "iam", "kms", "lambda",
        "s3", "secretsmanager", "ses", "ses_v2", "sns", "ssm",
    ):  # fmt: skip
        module = service("lambda_svc" if state == "lambda" else state)
        wrap(module, "handle_request", make(state, module))


def _whole(get_state: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """A copy of a service's state, tried again where a call in another thread changed it meanwhile.

    That call saves too, once it is done.
    """
    while True:
        try:
            return get_state()
        except RuntimeError as error:
            if "changed size during iteration" not in str(error):
                raise


def _may_change(state: str, method: str, path: str, headers: Any, body: bytes, query: Any) -> bool:
    """Whether a call may have changed what is kept of this service besides objects, messages and mails."""
    if state in ("apigateway_v1", "lambda", "s3", "ses_v2"):
        if method in ("GET", "HEAD", "OPTIONS"):
            return False
        is_call = path.endswith(("/invocations", "/invoke-async", "/outbound-emails"))
        is_object = state == "s3" and path.strip("/").count("/") > 0
        return not (is_call or is_object)
    action = str(headers.get("x-amz-target", "")).rpartition(".")[2]
    if not action:
        found = _QUERY_ACTION.search(body or b"")
        action = found[1].decode() if found else str((query or {}).get("Action", ""))
    return not (_READS.match(action) or action in ("Publish", "PublishBatch") or action.startswith("Send"))


def _remember_digests(lambda_service: Any) -> None:
    """Digest each deployment package once, where MiniStack does it at each save.

    Packages that are not used any more are removed at the next start, not before a save: until that save is
    done, the saved state still names them.
    """
    written: dict[int, tuple[bytes, str]] = {}

    def make_write(original: Any) -> Any:
        def write(package: bytes) -> str:
            known = written.get(id(package))
            if known is None or known[0] is not package:
                known = written[id(package)] = (package, original(package))
            return known[1]

        return write

    prune = lambda_service._prune_orphan_code_blobs

    def forget(referenced: set[str]) -> None:
        for key in [key for key, (_, digest) in written.items() if digest not in referenced]:
            del written[key]

    def prune_now() -> None:
        lambda_service._prune_orphan_code_blobs = prune
        lambda_service.get_state()
        lambda_service._prune_orphan_code_blobs = forget

    wrap(lambda_service, "_write_code_blob", make_write)
    _after_loading(prune_now)


def _to_json(message: dict[str, Any]) -> str:
    return json.dumps(message, default=core("persistence")._json_default)


def _from_json(text: str) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(text, object_hook=core("persistence")._json_object_hook)
    return message


def _after_loading(step: Callable[[], None]) -> None:
    def make(original: Any) -> Any:
        def load() -> None:
            original()
            step()

        return load

    wrap(application(), "_load_persisted_state", make)

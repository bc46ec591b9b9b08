"""All corrections, in the order in which they are installed."""

from collections.abc import Callable

from local.emulator import durable, functions, gateway, mail, messages, permissions, schedules, traces
from local.emulator.settings import Settings

Correction = Callable[[Settings], None]

ALL: tuple[Correction, ...] = (
    gateway.rest_api_import,
    gateway.compression_size,
    gateway.cognito_authorizer,
    gateway.proxy_errors,
    functions.own_interpreter,
    functions.clean_environment,
    functions.shared_code,
    functions.few_processes,
    functions.warm_latency,
    functions.states_at_once,
    functions.error_types,
    messages.move_tasks,
    messages.notifications,
    permissions.batch_actions,
    permissions.senders_of_mail,
    permissions.pollers,
    permissions.logs_of_functions,
    permissions.missing_objects,
    mail.raw_mail,
    mail.quiet_log,
    schedules.speed,
    # Before those that call within the call that caused it.
    traces.trace_headers,
    traces.record,
    durable.asynchronous_calls,
    durable.queues,
    durable.services,
)


def install(settings: Settings) -> None:
    """Put right what is wrong, but for what `settings.without` names ("all" leaves MiniStack as it is)."""
    if "all" in settings.without:
        return
    for correction in ALL:
        if correction.__name__ not in settings.without:
            correction(settings)

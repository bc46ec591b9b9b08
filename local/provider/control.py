"""What demo and tests may ask beside Stripe's API: where webhooks go, what is valid, and what goes wrong."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from attrs import asdict
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from local.provider.bank import Bank, DeliveryRule, RefundRule
from local.provider.objects import Json
from local.provider.webhooks import Courier

REFUND_MODES = ("accept", "refuse", "unavailable")
EVENTS_LISTED = 1000


def routes(bank: Bank, courier: Courier) -> list[Route]:
    """Everything under /control. Bodies are JSON; what is wrong with one is told in `error`, with 400."""
    store = bank.store

    def changing(change: Callable[[Request, Json], Any]) -> Callable[[Request], Any]:
        async def endpoint(request: Request) -> Response:
            # A form of a page in somebody's browser cannot be sent as JSON.
            if request.headers.get("content-type", "").partition(";")[0] != "application/json":
                return JSONResponse({"error": "Send application/json."}, 415)
            try:
                sent = json.loads(await request.body() or b"{}")
                if not isinstance(sent, dict):
                    raise ValueError("Send a JSON object.")
                with store.transaction():
                    answer = change(request, sent)
            except (TypeError, ValueError) as error:
                return JSONResponse({"error": str(error.args[0])}, 400)
            except KeyError as error:
                return JSONResponse({"error": f"There is no {error.args[0]}."}, 404)
            courier.wake()
            return JSONResponse(answer)

        return endpoint

    async def state(_request: Request) -> Response:
        return JSONResponse(
            {
                "webhook_url": store.setting("webhook_url"),
                "api_keys": len(store.setting("api_keys") or ()),
                "webhook_secrets": len(store.setting("webhook_secrets") or ()),
                "delivery": asdict(bank.delivery_rule()),
                "refunds": asdict(bank.refund_rule()),
                "held": len(store.held()),
            }
        )

    async def events(_request: Request) -> Response:
        return JSONResponse({"events": store.story(EVENTS_LISTED)})

    def set_webhook(_request: Request, sent: Json) -> Json:
        _only(sent, {"url"})
        url = sent.get("url")
        if not isinstance(url, str) or urlsplit(url).scheme not in ("http", "https"):
            raise ValueError("url must be an http or https address.")
        store.set("webhook_url", url)
        store.all_due_at(bank.now())
        return {"webhook_url": url}

    def set_keys(_request: Request, sent: Json) -> Json:
        _only(sent, {"api_keys", "webhook_secrets"})
        for name, value in sent.items():
            if (
                not isinstance(value, list)
                or not value
                or not all(isinstance(key, str) and key for key in value)
            ):
                raise ValueError(f"{name} must be a list of texts.")
            store.set(name, value)
        return {name: len(value) for name, value in sent.items()}

    def set_delivery(_request: Request, sent: Json) -> Json:
        _only(sent, set(asdict(DeliveryRule())))
        rule = asdict(DeliveryRule(**sent))
        store.set("delivery", rule)
        return rule

    def set_refunds(_request: Request, sent: Json) -> Json:
        _only(sent, {"mode", "seconds"})
        mode, seconds = sent.get("mode"), sent.get("seconds", 60)
        if mode not in REFUND_MODES or not isinstance(seconds, int | float):
            raise ValueError(f"mode must be one of {', '.join(REFUND_MODES)}, seconds a number.")
        rule = asdict(RefundRule(mode, bank.now() + seconds))
        store.set("refunds", rule)
        return rule

    def release(_request: Request, sent: Json) -> Json:
        _only(sent, {"reverse"})
        return {"released": bank.release(reverse=bool(sent.get("reverse", False)))}

    def send_again(request: Request, _sent: Json) -> Json:
        bank.send_again(request.path_params["id"])
        return {"sent_again": request.path_params["id"]}

    return [
        Route("/control", state),
        Route("/control/webhook", changing(set_webhook), methods=["PUT"]),
        Route("/control/keys", changing(set_keys), methods=["PUT"]),
        Route("/control/delivery", changing(set_delivery), methods=["PUT"]),
        Route("/control/refunds", changing(set_refunds), methods=["PUT"]),
        Route("/control/release", changing(release), methods=["POST"]),
        Route("/control/events", events),
        Route("/control/events/{id}/send", changing(send_again), methods=["POST"]),
    ]


def _only(sent: Json, known: set[str]) -> None:
    unknown = sorted(set(sent) - known)
    if unknown:
        raise ValueError(f"Unknown: {', '.join(unknown)}. Known are {', '.join(sorted(known))}.")

"""The HTTP side of the API: keys, form-encoded parameters, idempotency, errors."""

import base64
import binascii
import hmac
import json
from collections.abc import Awaitable, Callable, Iterable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from local.provider.bank import Bank
from local.provider.errors import StripeError
from local.provider.forms import decode
from local.provider.objects import API_VERSION, Json
from local.provider.store import Answer
from local.provider.webhooks import Courier

LARGEST_BODY = 1_000_000
LONGEST_KEY = 255
KEYS_KEPT_SECONDS = 24 * 60 * 60

Operation = Callable[[Request, Json], Json]


def routes(bank: Bank, courier: Courier) -> list[Route]:
    """The API's routes; each request must bring one of the keys that are valid now."""

    def get(operation: Operation) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            try:
                _check_key(request, bank.store.setting("api_keys"))
                return _answer(bank, 200, json.dumps(operation(request, decode(request.url.query.encode()))))
            except StripeError as error:
                return _answer(bank, error.status, json.dumps(error.body))

        return endpoint

    def post(operation: Operation) -> Callable[[Request], Awaitable[Response]]:
        async def endpoint(request: Request) -> Response:
            try:
                _check_key(request, bank.store.setting("api_keys"))
                body = await _body(request)
                return _once(bank, request, body, operation)
            except StripeError as error:
                return _answer(bank, error.status, json.dumps(error.body))
            finally:
                courier.wake()

        return endpoint

    def get_session(request: Request, sent: Json) -> Json:
        return bank.get_session(
            request.path_params["id"], with_lines="line_items" in (sent.get("expand") or ())
        )

    def list_refunds(_request: Request, sent: Json) -> Json:
        limit = sent.get("limit", "10")
        if not (isinstance(limit, str) and limit.isdecimal() and 1 <= int(limit) <= 100):
            raise StripeError("Invalid integer: limit must lie between 1 and 100", param="limit")
        return bank.list_refunds(sent.get("payment_intent"), int(limit))

    sessions = "/v1/checkout/sessions"
    return [
        Route(sessions, post(lambda _, sent: bank.create_session(sent)), methods=["POST"]),
        Route(f"{sessions}/{{id}}", get(get_session)),
        Route(
            f"{sessions}/{{id}}/expire",
            post(lambda request, _: bank.expire_session(request.path_params["id"])),
            methods=["POST"],
        ),
        Route("/v1/payment_intents/{id}", get(lambda request, _: bank.get_intent(request.path_params["id"]))),
        Route("/v1/refunds", post(lambda _, sent: bank.create_refund(sent)), methods=["POST"]),
        Route("/v1/refunds", get(list_refunds)),
        Route("/v1/{rest:path}", get(_unknown), methods=["GET", "POST", "DELETE"]),
    ]


def _unknown(request: Request, _sent: Json) -> Json:
    raise StripeError(
        f"Unrecognized request URL ({request.method}: {request.url.path}). Only what the shop uses is here.",
        status=404,
    )


def _once(bank: Bank, request: Request, body: bytes, operation: Operation) -> Response:
    """Carries out a request, or answers as before where its Idempotency-Key was used for the same one."""
    key = request.headers.get("idempotency-key", "")
    if len(key) > LONGEST_KEY:
        raise StripeError(
            f"Idempotency-Key must be at most {LONGEST_KEY} characters.", kind="idempotency_error"
        )
    sent = decode(body)
    described = json.dumps([request.method, request.url.path, sent], sort_keys=True)
    now = bank.now()
    with bank.store.transaction():
        bank.store.forget_answers(now - KEYS_KEPT_SECONDS)
        known = bank.store.answer(key) if key else None
        if known is not None:
            if known.request != described:
                raise StripeError(
                    "Keys for idempotent requests can only be used with the same parameters they were "
                    f"first used with. Try using a key other than '{key}' if you meant to execute a "
                    "different request.",
                    kind="idempotency_error",
                )
            return _answer(
                bank, known.status, known.body, {"Idempotency-Key": key, "Idempotent-Replayed": "true"}
            )
        try:
            status, text = 200, json.dumps(operation(request, sent))
        except StripeError as error:
            if not error.executed:
                raise
            status, text = error.status, json.dumps(error.body)
        if key:
            bank.store.keep_answer(key, Answer(described, status, text), now)
    return _answer(bank, status, text, {"Idempotency-Key": key} if key else {})


def _answer(bank: Bank, status: int, text: str, headers: dict[str, str] | None = None) -> Response:
    own = {"Request-Id": bank.new_id("req_"), "Stripe-Version": API_VERSION}
    return Response(text, status, own | (headers or {}), "application/json")


async def _body(request: Request) -> bytes:
    if int(request.headers.get("content-length") or 0) > LARGEST_BODY:
        raise StripeError("The request is too large.", status=413)
    return await request.body()


def _check_key(request: Request, api_keys: Iterable[str]) -> None:
    """The key comes as a bearer token, or as the user name of basic authentication."""
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "basic":
        try:
            given = base64.b64decode(given, validate=True).decode().partition(":")[0]
        except (binascii.Error, UnicodeDecodeError):
            given = ""
    if not given:
        raise StripeError(
            "You did not provide an API key. You need to provide your API key in the Authorization header, "
            "using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY').",
            status=401,
        )
    if not any(hmac.compare_digest(given.encode(), key.encode()) for key in api_keys):
        raise StripeError(f"Invalid API Key provided: {given[:8]}****{given[-4:]}", status=401)

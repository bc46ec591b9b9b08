"""The page where a person pays, or has a card declined. It needs no script; programs post its forms."""

import base64
import hashlib
import re
from collections.abc import Callable
from html import escape
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from local.provider.bank import Bank
from local.provider.errors import StripeError
from local.provider.forms import decode
from local.provider.objects import Json
from local.provider.webhooks import Courier

# Where an amount of Stripe's API has no decimals, or three of them; all others have two.
# https://docs.stripe.com/currencies#minor-units
_NO_DECIMALS = re.compile("bif|clp|djf|gnf|jpy|kmf|krw|mga|pyg|rwf|vnd|vuv|xaf|xof|xpf")
_THREE_DECIMALS = re.compile("bhd|jod|kwd|omr|tnd")

# The codes for which Stripe has test cards, with the words for a person.
DECLINES = {
    "generic_decline": "The card is declined",
    "insufficient_funds": "Too little money in the account",
    "expired_card": "The card has expired",
    "lost_card": "The card was reported lost",
    "stolen_card": "The card was reported stolen",
}

_STYLE = """
:root { color-scheme: light dark; --line: #d9dce3; --soft: #667085; --back: #f4f5f8; --card: #fff;
  --text: #1d2433; --main: #3355dd; --bad: #b42318; --badback: #fef0ee; }
@media (prefers-color-scheme: dark) { :root {
  --line: #343a46; --soft: #a0a8b8; --back: #14171c; --card: #1d2129;
  --text: #eceef2; --main: #7c95ff; --bad: #ff9d92; --badback: #3a1d1a; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--text); font: 16px/1.5 system-ui, sans-serif; }
main { max-width: 34rem; margin: 3rem auto; padding: 0 1rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 14px; padding: 1.75rem; }
h1 { font-size: 1rem; font-weight: 500; color: var(--soft); margin: 0; }
.total { font-size: 2.25rem; font-weight: 650; margin: 0 0 1.25rem; }
table { width: 100%; border-collapse: collapse; margin-bottom: 1.5rem; }
td, th { padding: .6rem 0; border-top: 1px solid var(--line); text-align: left; vertical-align: top;
  overflow-wrap: anywhere; }
td:last-child { text-align: right; white-space: nowrap; padding-left: 1rem; }
small, .soft { color: var(--soft); }
.bad { background: var(--badback); color: var(--bad); border-radius: 8px; padding: .75rem 1rem; }
button, select { font: inherit; width: 100%; padding: .7rem 1rem; border-radius: 8px;
  border: 1px solid var(--line); background: transparent; color: inherit; cursor: pointer; }
button.pay { background: var(--main); border-color: var(--main); color: var(--card); font-weight: 600; }
form + form { margin-top: 1.25rem; padding-top: 1.25rem; border-top: 1px solid var(--line); }
label { display: block; margin-bottom: .3rem; }
select { margin-bottom: .6rem; }
.note { text-align: center; margin-top: 1rem; }
a { color: var(--main); }
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()


def routes(bank: Bank, courier: Courier) -> list[Route]:
    """The page, and the two forms on it."""

    async def show(request: Request) -> Response:
        return _shown(bank, request.path_params["id"], lambda session: _page(bank, session))

    async def pay(request: Request) -> Response:
        with bank.store.transaction():
            bank.expire_overdue()
            answer = _shown(
                bank, request.path_params["id"], lambda session: _after(bank, bank.pay(session["id"]))
            )
        courier.wake()
        return answer

    async def decline(request: Request) -> Response:
        try:
            code = decode(await request.body()).get("decline_code", "generic_decline")
        except StripeError as error:
            return _html(error.status, "Not understood", f"<p>{escape(str(error))}</p>")
        if code not in DECLINES:
            known = escape(", ".join(DECLINES))
            return _html(400, "No such decline", f"<p>decline_code must be one of {known}.</p>")
        with bank.store.transaction():
            bank.expire_overdue()
            answer = _shown(
                bank,
                request.path_params["id"],
                lambda session: _after(bank, bank.decline(session["id"], code)),
            )
        courier.wake()
        return answer

    return [
        Route("/c/pay/{id}", show),
        Route("/c/pay/{id}/pay", pay, methods=["POST"]),
        Route("/c/pay/{id}/decline", decline, methods=["POST"]),
    ]


def amount_text(amount: int, currency: str) -> str:
    """An amount of Stripe's API as people write it: 1999 and "usd" are "19.99 USD"."""
    places = 0 if _NO_DECIMALS.fullmatch(currency) else 3 if _THREE_DECIMALS.fullmatch(currency) else 2
    whole, part = divmod(amount, 10**places)
    return f"{whole:,}" + (f".{part:0{places}}" if places else "") + f" {currency.upper()}"


def _shown(bank: Bank, session_id: str, show: Callable[[Json], Response]) -> Response:
    try:
        return show(bank.get_session(session_id))
    except StripeError as error:
        return _html(error.status, "No such checkout", "<p>There is no checkout at this address.</p>")


def _after(bank: Bank, session: Json) -> Response:
    """Where the customer goes after pressing a button."""
    if session["status"] == "complete":
        return RedirectResponse(session["success_url"].replace("{CHECKOUT_SESSION_ID}", session["id"]), 303)
    if session["status"] == "expired":
        return _page(bank, session)
    return RedirectResponse(f"/c/pay/{session['id']}", 303)


def _page(bank: Bank, session: Json) -> Response:
    if session["status"] == "expired":
        return _html(
            410, "This checkout is closed", "<p>Its time is over. Nothing was paid.</p>" + _back(session)
        )
    if session["status"] == "complete":
        return _html(200, "Paid", "<p>Thank you, this is paid.</p>" + _back(session))
    total = amount_text(session["amount_total"], session["currency"])
    rows = "".join(
        f"<tr><td>{escape(item['description'])}<br><small>{item['quantity']} × "
        f"{amount_text(item['price']['unit_amount'], item['currency'])}</small></td>"
        f"<td>{amount_text(item['amount_total'], item['currency'])}</td></tr>"
        for item in bank.lines(session["id"])
    )
    declined = bank.last_decline(session)
    again = f'<p class="bad" role="alert">{escape(declined)} You can try again.</p>' if declined else ""
    who = f'<p class="soft">For {escape(session["customer_email"])}</p>' if session["customer_email"] else ""
    choices = "".join(f'<option value="{code}">{escape(words)}</option>' for code, words in DECLINES.items())
    action = f"/c/pay/{escape(session['id'])}"
    body = f"""<h1>To pay</h1><p class="total">{total}</p>{again}{who}<table>{rows}</table>
<form method="post" action="{action}/pay"><button class="pay">Pay {total}</button></form>
<form method="post" action="{action}/decline"><label for="decline_code">Or see what happens when</label>
<select id="decline_code" name="decline_code">{choices}</select><button>Decline</button></form>
{_back(session)}"""
    return _html(200, "Checkout", body, forms_lead_to=session["success_url"])


def _back(session: Json) -> str:
    if not session["cancel_url"]:
        return ""
    return f'<p class="note"><a href="{escape(session["cancel_url"])}">Back to the shop</a></p>'


def _html(status: int, title: str, body: str, forms_lead_to: str | None = None) -> HTMLResponse:
    heading = "" if "<h1>" in body else f"<h1>{escape(title)}</h1>"
    text = (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head>'
        f'<body><main><div class="card">{heading}{body}</div>'
        '<p class="note soft">A payment provider for one machine. No money moves here.</p>'
        "</main></body></html>"
    )
    # Browsers apply form-action to where a form's answer redirects to as well.
    places = "'self'"
    if forms_lead_to is not None:
        parts = urlsplit(forms_lead_to)
        places += f" {parts.scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port else "")
    policy = (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; form-action {places}; base-uri 'none'; "
        "frame-ancestors 'none'"
    )
    headers = {
        "Content-Security-Policy": policy,
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    return HTMLResponse(text, status, headers)

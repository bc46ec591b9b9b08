"""Pages of this machine's gateway, for people: how each looks, and the one to which the provider sends back.

No page has a script, and none shows what somebody else wrote but as text.
"""

import base64
import hashlib
from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem }
a { color: #0a58a8 } time { color: #666 } li { margin: 0 0 1rem } ul { list-style: none; padding: 0 }
pre { white-space: pre-wrap; background: #f5f5f2; padding: 1rem; border-radius: .4rem; font: inherit }
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
HEADERS = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def page(title: str, body: str) -> Response:
    """A page of this title, which is plain text, around a body that is HTML."""
    text = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style>{body}</html>'
    )
    return HTMLResponse(text, headers=HEADERS)


def routes() -> list[Route]:
    """`/checkout`, this machine's CHECKOUT_RETURN_URL, asked with `order_id` and `checkout`: paid or open.

    What it says is no proof: the order's state follows from the provider's webhook alone.
    """

    def checkout(request: Request) -> Response:
        order = escape(request.query_params.get("order_id", ""))
        about = f"<p>Order {order}</p>" if order else ""
        if request.query_params.get("checkout") == "paid":
            said = (
                f"<h1>Thank you</h1>{about}<p>As soon as the payment provider has told the shop, the order "
                'is on its way, and its invoice in the <a href="/mailbox">mailbox</a>.</p>'
            )
            return page("Thank you", said)
        said = (
            f"<h1>Not paid yet</h1>{about}<p>The provider's page stays open until the order expires: go back "
            'to it to pay. The shop\'s mails are in the <a href="/mailbox">mailbox</a>.</p>'
        )
        return page("Not paid yet", said)

    return [Route("/checkout", checkout)]

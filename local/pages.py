"""How the pages look that this machine's gateway makes itself. None has a script."""

import base64
import hashlib
from html import escape

from starlette.responses import HTMLResponse, Response

# As the storefront looks: storefront/site/styles/base.css.
_STYLE = """
:root { color-scheme: light dark; --paper: #faf8f4; --card: #fff; --ink: #23201b; --soft: #655f54;
  --main: #2b5c4f }
@media (prefers-color-scheme: dark) {
  :root { --paper: #16171a; --card: #1f2124; --ink: #ece8e1; --soft: #aca69b; --main: #8fcdb9 } }
body { background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, sans-serif; max-width: 52rem;
  margin: 0 auto; padding: 1.5rem 1rem 4rem; overflow-wrap: anywhere }
h1 { font-family: "Iowan Old Style", "Palatino Linotype", Palatino, Georgia, serif; line-height: 1.15 }
a { color: var(--main) } time, nav { color: var(--soft) }
li { margin: 0 0 1rem } ul { list-style: none; padding: 0 }
pre { white-space: pre-wrap; background: var(--card); padding: 1rem 1.25rem; border-radius: .875rem;
  font: inherit }
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
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style>'
        f'<nav><a href="/">To the shop</a></nav><main>{body}</main></html>'
    )
    return HTMLResponse(text, headers=HEADERS)

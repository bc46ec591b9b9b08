"""The shop's contracts as it serves them: the documents, Swagger UI for people, and a page for each problem.

Nothing is fetched from elsewhere: Swagger UI comes out of its jar, which `make install` brings.
"""

import json
import re
from functools import cache
from html import escape
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from local import pages
from local.paths import ROOT
from local.tools import class_path

FOLDER = ROOT / "docs" / "api"

# What runs and is shown comes from here; Swagger UI's style has its icons in it, as `data:`.
_HEADERS = pages.HEADERS | {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
}
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>The shop's API</title>
<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="/docs/swagger-ui.css">
<div id="api"><noscript>Read it without a script: <a href="/openapi.json">/openapi.json</a></noscript></div>
<script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/begin.js"></script></html>
"""
_BEGIN = 'SwaggerUIBundle({url: "/openapi.json", dom_id: "#api", deepLinking: true, validatorUrl: null})\n'
_TYPES = {".css": "text/css", ".js": "text/javascript"}


def routes(folder: Path = FOLDER) -> list[Route]:
    """/openapi.json and /asyncapi.json, /docs for people, and /problems/{name}, the address of each type."""

    def document(request: Request) -> Response:
        content = (folder / request.url.path.removeprefix("/")).read_bytes()
        return Response(content, media_type="application/json", headers=_HEADERS)

    def docs(_: Request) -> Response:
        return Response(_PAGE, media_type="text/html", headers=_HEADERS)

    def part(request: Request) -> Response:
        name = request.path_params["name"]
        content = _BEGIN.encode() if name == "begin.js" else _swagger_ui(name)
        return Response(content, media_type=_TYPES[Path(name).suffix], headers=_HEADERS)

    def problem(request: Request) -> Response:
        return _problem_page(folder, request.path_params["name"])

    return [
        Route("/openapi.json", document),
        Route("/asyncapi.json", document),
        Route("/docs", docs),
        Route("/docs/{name}", part),
        Route("/problems/{name}", problem),
    ]


@cache
def _swagger_ui(name: str) -> bytes:
    if name not in ("swagger-ui.css", "swagger-ui-bundle.js"):
        raise HTTPException(404, "There is nothing at this address.")
    (jar,) = class_path("swagger-ui")
    with ZipFile(jar) as files:
        (found,) = [path for path in files.namelist() if path.endswith(f"/{name}")]
        return files.read(found)


def _problem_page(folder: Path, name: str) -> Response:
    components = json.loads((folder / "openapi.json").read_text(encoding="utf-8"))["components"]
    for key, schema in components["schemas"].items():
        kind = schema.get("properties", {}).get("type", {}).get("const")
        if kind == f"/problems/{name}":
            (content,) = components["responses"][key]["content"].values()
            example = content["examples"][name]["value"]
            return pages.page(example["title"], _explained(schema["description"], example))
    raise HTTPException(404, "There is no such type of problem.")


def _explained(description: str, example: dict[str, Any]) -> str:
    paragraphs = "".join(f"<p>{_as_html(text)}</p>" for text in description.split("\n\n"))
    shown = escape(json.dumps(example, indent=2, ensure_ascii=False))
    return (
        f'<p><a href="/docs">The shop\'s API</a></p><h1>{escape(example["title"])}</h1>'
        f"<p>Status {example['status']}</p>{paragraphs}<pre>{shown}</pre>"
    )


def _as_html(text: str) -> str:
    return re.sub("`([^`]+)`", r"<code>\1</code>", escape(text))

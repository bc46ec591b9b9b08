"""The edge: what every app.py shares to parse a request, know its caller and present an answer."""

from common.web.handlers import consumer, endpoint, internal, triggered
from common.web.identity import operator, signed_in
from common.web.paging import PageQuery, decode_cursor, encode_cursor
from common.web.requests import (
    ANY_TYPE,
    Header,
    json_body,
    order_of_path,
    query,
    raw_body,
    required_header,
)

__all__ = [
    "ANY_TYPE",
    "Header",
    "PageQuery",
    "consumer",
    "decode_cursor",
    "encode_cursor",
    "endpoint",
    "internal",
    "json_body",
    "operator",
    "order_of_path",
    "query",
    "raw_body",
    "required_header",
    "signed_in",
    "triggered",
]

"""Form-encoded parameters with nested names, as Stripe's API takes them: `line_items[0][quantity]=2`."""

import re
from typing import Any
from urllib.parse import parse_qsl

from local.provider.errors import StripeError

_NAME = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_LARGEST_FIELD_COUNT = 5000


def decode(body: bytes) -> dict[str, Any]:
    """The parameters as nested dicts, lists and strings.

    Raises `StripeError` where the body is not UTF-8, or one name is both a value and a group.
    """
    try:
        pairs = parse_qsl(
            body.decode(),
            keep_blank_values=True,
            encoding="utf-8",
            errors="strict",
            max_num_fields=_LARGEST_FIELD_COUNT,
        )
    except ValueError as error:
        raise StripeError(f"The parameters cannot be read: {error}.") from error
    tree: dict[str, Any] = {}
    for name, value in pairs:
        _put(tree, name, value)
    decoded = _with_lists(tree)
    return decoded if isinstance(decoded, dict) else {}


def _put(tree: dict[str, Any], name: str, value: str) -> None:
    match = _NAME.fullmatch(name)
    if match is None:
        raise StripeError(f"Invalid parameter name: {name}.", param=name)
    *groups, last = [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])]
    place = tree
    for group in groups:
        place = place.setdefault(group or str(len(place)), {})
        if not isinstance(place, dict):
            raise StripeError(f"Invalid parameter: {name} is both a value and a group.", param=name)
    last = last or str(len(place))
    if isinstance(place.get(last), dict):
        raise StripeError(f"Invalid parameter: {name} is both a value and a group.", param=name)
    place[last] = value


def _with_lists(value: Any) -> Any:
    """Groups whose names are all numbers become lists, in the order of these numbers."""
    if not isinstance(value, dict):
        return value
    if value and all(re.fullmatch(r"\d{1,9}", name) for name in value):
        return [_with_lists(value[name]) for name in sorted(value, key=int)]
    return {name: _with_lists(inner) for name, inner in value.items()}

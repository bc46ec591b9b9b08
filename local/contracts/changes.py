"""What a change of a document would break for those who rely on the one before it.

Clients send what the older document allows, and read what it promises. So the schema of what is sent may
only get wider: no further field that must be there, none less that may, no narrower limit. That of what is
read may only get narrower: no field less, no further value, no wider limit; but new fields are ignored.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen

Json = Mapping[str, Any]

_LOWER = ("minimum", "minLength", "minItems")
_UPPER = ("maximum", "maxLength", "maxItems")
_EXACT = ("pattern", "format", "const", "uniqueItems")


def broken_api(old: Json, new: Json) -> list[str]:
    """A sentence for each thing in an OpenAPI document that its clients would miss, or be refused."""
    return list(_Comparison(old, new).paths())


def broken_messages(old: Json, new: Json) -> list[str]:
    """A sentence for each thing in an AsyncAPI document that readers of its messages would miss."""
    return list(_Comparison(old, new).messages())


@frozen
class _Comparison:
    old: Json
    new: Json

    def paths(self) -> Iterator[str]:
        for path, methods in self.old["paths"].items():
            for method, operation in methods.items():
                name = f"{method.upper()} {path}"
                now = self.new["paths"].get(path, {}).get(method)
                if now is None:
                    yield f"{name} is gone."
                else:
                    yield from self._operation(name, operation, now)

    def messages(self) -> Iterator[str]:
        for name, channel in self.old["channels"].items():
            now = self.new["channels"].get(name)
            if now is None or now["address"] != channel["address"]:
                yield f"The channel {name} is gone."
        for name in sorted(self.old["operations"].keys() - self.new["operations"].keys()):
            yield f"The operation {name} is gone."
        for name, message in self.old["components"]["messages"].items():
            now = self.new["components"]["messages"].get(name)
            if now is None:
                yield f"The message {name} is gone."
                continue
            if now["contentType"] != message["contentType"]:
                yield f"{name} has another content type."
            yield from self.read(name, message["payload"], now["payload"])

    def _operation(self, name: str, old: Json, new: Json) -> Iterator[str]:
        if old["operationId"] != new["operationId"]:
            yield f"{name} has another operationId: methods of generated clients are named by it."
        if old["security"] != new["security"]:
            yield f"{name} asks for another kind of sign-in."
        yield from self._parameters(name, old, new)
        yield from self._request(f"{name} body", old.get("requestBody"), new.get("requestBody"))
        for status, response in old["responses"].items():
            now = new["responses"].get(status)
            if now is None:
                yield f"{name} answers {status} no more."
            else:
                yield from self._response(f"{name} {status}", _at(self.old, response), _at(self.new, now))
        for status in sorted(new["responses"].keys() - old["responses"].keys()):
            # Clients take an error's status that they do not know for one of its class: RFC 9110, section 15.
            # Only who sends If-None-Match, which no older client does, is answered 304.
            if status < "400" and status != "304":
                yield f"{name} answers {status}, which clients do not expect."

    def _parameters(self, name: str, old: Json, new: Json) -> Iterator[str]:
        before, now = (
            {(p["in"], p["name"]): p for p in (_at(document, p) for p in operation["parameters"])}
            for document, operation in ((self.old, old), (self.new, new))
        )
        for key, parameter in before.items():
            what = f"{name} {key[0]} parameter {key[1]}"
            if key not in now:
                yield f"{what} is gone."
            else:
                yield from self.sent(what, parameter["schema"], now[key]["schema"])
        for key, parameter in now.items():
            if parameter.get("required") and not before.get(key, {}).get("required"):
                yield f"{name} {key[0]} parameter {key[1]} must be sent now."

    def _request(self, what: str, old: Json | None, new: Json | None) -> Iterator[str]:
        if old is None and new is not None and new.get("required"):
            yield f"{what} must be sent now."
        if old is not None and new is None:
            yield f"{what} is read no more."
        for media_type, content in (old or {}).get("content", {}).items():
            now = (new or {}).get("content", {}).get(media_type)
            if now is None:
                yield f"{what} can be {media_type} no more."
            else:
                yield from self.sent(what, content["schema"], now["schema"])

    def _response(self, what: str, old: Json, new: Json) -> Iterator[str]:
        for header in sorted(old.get("headers", {}).keys() - new.get("headers", {}).keys()):
            yield f"{what} has the header {header} no more."
        for media_type, content in old.get("content", {}).items():
            now = new.get("content", {}).get(media_type)
            if now is None:
                yield f"{what} is {media_type} no more."
                continue
            was, is_now = (self._problems(d, c["schema"]) for d, c in ((self.old, content), (self.new, now)))
            if not was:
                yield from self.read(what, content["schema"], now["schema"])
            # A client that does not know a type of problem goes by its status, and shows its title.
            for kind, schema in was.items():
                if kind not in is_now:
                    yield f"{what} tells of {kind} no more."
                else:
                    yield from self.read(f"{what} {kind}", schema, is_now[kind])

    def _problems(self, document: Json, schema: Json) -> dict[str, Json]:
        """The types of problems that a schema allows, by their `type`; none where it is of something else."""
        found = {}
        for one in schema.get("oneOf", [schema]):
            kind = _at(document, one).get("properties", {}).get("type", {}).get("const", "")
            if kind.startswith("/problems/"):
                found[kind] = one
        return found

    def sent(self, what: str, old: Json, new: Json) -> Iterator[str]:
        """What clients may send by the old schema, and the new one refuses."""
        yield from self._schemas(what, old, new, sent=True)

    def read(self, what: str, old: Json, new: Json) -> Iterator[str]:
        """What is answered by the new schema, and clients of the old one do not expect."""
        yield from self._schemas(what, old, new, sent=False)

    def _schemas(self, what: str, old: Json, new: Json, *, sent: bool) -> Iterator[str]:
        before, now = _alternatives(self.old, old), _alternatives(self.new, new)
        allowed, expected = (before, now) if sent else (now, before)
        for kind in sorted(allowed.keys() - expected.keys()):
            if not (kind == "integer" and "number" in expected):
                yield f"{what} may be {kind} no more." if sent else f"{what} may be {kind} now."
        for kind in sorted(allowed.keys() & expected.keys()):
            yield from self._limits(what, before[kind], now[kind], sent=sent)
            yield from self._within(what, before[kind], now[kind], sent=sent)

    def _limits(self, what: str, old: Json, new: Json, *, sent: bool) -> Iterator[str]:
        allowed, expected = (old, new) if sent else (new, old)
        for word in (*_LOWER, *_UPPER, *_EXACT):
            limit, has = expected.get(word), allowed.get(word)
            if limit is None or has == limit:
                continue
            if has is None or word in _EXACT or (has < limit if word in _LOWER else has > limit):
                yield f"{what} has the {word} {_shown(new.get(word))} now. It was {_shown(old.get(word))}."
        if "enum" in expected:
            for value in [value for value in allowed.get("enum", ["else"]) if value not in expected["enum"]]:
                yield f"{what} may be {value!r} {'no more' if sent else 'now'}."

    def _within(self, what: str, old: Json, new: Json, *, sent: bool) -> Iterator[str]:
        for word in ("items", "additionalProperties"):
            if isinstance(old.get(word), Mapping) and isinstance(new.get(word), Mapping):
                yield from self._schemas(f"{what}[]", old[word], new[word], sent=sent)
        before, now = old.get("properties", {}), new.get("properties", {})
        for name in before:
            if name in now:
                yield from self._schemas(f"{what}.{name}", before[name], now[name], sent=sent)
            elif not sent or new.get("additionalProperties") is False:
                yield f"{what} has the field {name} no more."
        if sent and new.get("additionalProperties") is False and old.get("additionalProperties") is not False:
            yield f"{what} may have no other fields now."
        required, was_required = set(new.get("required", ())), set(old.get("required", ()))
        for name in sorted(required - was_required if sent else (was_required - required) & now.keys()):
            yield f"{what} {'must' if sent else 'may not'} have the field {name} now."


def _at(document: Json, one: Json) -> Json:
    """What stands there, or where it refers to."""
    if "$ref" not in one:
        return one
    found: Json = document
    for part in one["$ref"].removeprefix("#/").split("/"):
        found = found[part]
    return _at(document, found)


def _alternatives(document: Json, schema: Json) -> dict[str, Json]:
    """What a value may be, by its type. No two alternatives of one type are told apart here."""
    schema = _at(document, schema)
    found: dict[str, Json] = {}
    for one in schema.get("anyOf", [schema]):
        resolved = _at(document, one)
        types = resolved.get("type", "anything")
        for kind in [types] if isinstance(types, str) else types:
            found[kind] = resolved
    return found


def _shown(value: object) -> str:
    return "none" if value is None else repr(value)

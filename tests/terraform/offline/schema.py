"""The schema of Terraform's AWS provider, without the provider: read from what CDKTF made of it.

The npm package has a JavaScript file for each resource and data source, made from the provider's own schema:
a comment above each argument says whether it is computed, optional or required, its accessors tell its type,
and `...ToHclTerraform` which arguments are blocks. What cannot be told is taken for a string.
"""

import re
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

# Made of version 6.25.0 of the provider.
NPM_PACKAGE = "@cdktf/provider-aws@21.22.1"
PROVIDER_VERSION = "6.25.0"

Fields = dict[str, dict[str, Any]]

_CLASS = re.compile(r"\nclass (\w+) extends [\s\S]*?\n}\n")
_FUNCTION = re.compile(r"\nfunction (\w+?)ToHclTerraform\(struct\)[\s\S]*?\n}\n")
_MAIN = re.compile(r"extends cdktf\.Terraform(Resource|DataSource)\b")
_TYPE_NAME = re.compile(r'\.tfResourceType = "(\w+)"')
_HCL = re.compile(
    r"\n\s+(\w+): \{\n\s+value: [^\n]*\n\s+isBlock: (true|false),\n"
    r'\s+type: "(\w+)",\n\s+storageClassType: "(\w+)"'
)
_COMMENT = re.compile(
    r"\n\s+// (\w+) - computed: (true|false), optional: (true|false), required: (true|false)"
)
_GETTER = re.compile(r"\n    get (\w+)\(\) \{([\s\S]*?)\n    \}")
_WRAPPER = re.compile(r"(List|Map|OutputReference)$")
_PRIMITIVES = {"String": "string", "Number": "number", "Boolean": "bool"}


def read_schema(package: Path, wanted: set[str]) -> dict[str, Fields]:
    """The arguments of the wanted types (a data source is `data.aws_x`), from the npm package's file.

    Each is {"computed", "optional", "required"} with "type", as Terraform writes types in JSON, or with
    "fields", "nesting" (single, list, set, map), "block" and "one". Types that the provider lacks are
    missing.
    """
    files = {f"package/lib/{_folder(name)}/index.js" for name in wanted}
    found: dict[str, Fields] = {}
    with tarfile.open(package) as archive:
        for member in archive:
            if member.name in files and (source := archive.extractfile(member)):
                found.update(_File("\n" + source.read().decode()).types())
    if "aws_wafv2_web_acl" in found:
        found["aws_wafv2_web_acl"]["rule"]["fields"]["statement"] = _WAF_STATEMENT
    return found


def _argument(kind: str, required: bool) -> dict[str, Any]:
    return {"type": kind, "required": required, "optional": not required, "computed": False}


def _block(fields: Fields, required: bool = False, nesting: str = "list") -> dict[str, Any]:
    flags = {"required": required, "optional": not required, "computed": False}
    return flags | {"fields": fields, "nesting": nesting, "block": True, "one": nesting == "list"}


# The statements of a firewall's rule contain each other, and CDKTF has no class for that: what the plan uses
# of them is here by hand. https://registry.terraform.io/providers/hashicorp/aws/6.25.0/docs/resources/wafv2_web_acl
_NOT_WITH_HEADER = _block(
    {
        "statement": _block(
            {
                "byte_match_statement": _block(
                    {
                        "search_string": _argument("string", True),
                        "positional_constraint": _argument("string", True),
                        "field_to_match": _block(
                            {"single_header": _block({"name": _argument("string", True)})}
                        ),
                        "text_transformation": _block(
                            {"priority": _argument("number", True), "type": _argument("string", True)},
                            required=True,
                            nesting="set",
                        ),
                    }
                )
            },
            required=True,
        )
    }
)
_WAF_STATEMENT = _block(
    {
        "rate_based_statement": _block(
            {
                "limit": _argument("number", True),
                "aggregate_key_type": _argument("string", False),
                "scope_down_statement": _block({"not_statement": _NOT_WITH_HEADER}),
            }
        ),
        "managed_rule_group_statement": _block(
            {
                "name": _argument("string", True),
                "vendor_name": _argument("string", True),
                "rule_action_override": _block(
                    {
                        "name": _argument("string", True),
                        "action_to_use": _block({"count": _block({})}, required=True),
                    },
                    nesting="set",
                ),
            }
        ),
    },
    required=True,
)


def _folder(name: str) -> str:
    kind, _, type_name = name.rpartition(".")
    return ("data-aws-" if kind else "") + type_name.removeprefix("aws_").replace("_", "-")


class _File:
    """One generated file: the class of the type itself, and those of what is nested in it."""

    def __init__(self, text: str) -> None:
        self.classes = {found[1]: found[0] for found in _CLASS.finditer(text)}
        self.name = _TYPE_NAME.search(text)
        self.functions = {found[1].lower(): found[0] for found in _FUNCTION.finditer(text)}

    def types(self) -> Iterator[tuple[str, Fields]]:
        for text in self.classes.values():
            main = _MAIN.search(text)
            if main and self.name:
                prefix = "data." if main[1] == "DataSource" else ""
                yield prefix + self.name[1], self._fields(text, _hcl(text))

    def _nested(self, wrapper: str) -> Fields:
        base = _WRAPPER.sub("", wrapper)
        text = self.classes.get(f"{base}OutputReference")
        return self._fields(text, _hcl(self.functions.get(base.lower(), ""))) if text else {}

    def _fields(self, text: str, hcl: dict[str, tuple[bool, str, str]]) -> Fields:
        found: Fields = {}
        parts = _COMMENT.split(text)
        for name, computed, optional, required, body in zip(
            parts[1::5], parts[2::5], parts[3::5], parts[4::5], parts[5::5], strict=True
        ):
            flags = {"computed": computed, "optional": optional, "required": required}
            known = {flag: value == "true" for flag, value in flags.items()}
            found[name] = known | self._shape(name, body, *hcl.get(name, (False, "", "")))
        # Those that have no comment: `id` and the like, and what another class already explains.
        for getter, body in _GETTER.findall(text):
            named = re.search(r"this\.(?:get(\w+?)Attribute|interpolationForAttribute)\('(\w+)'\)", body)
            if named is None or named[2] in found:
                continue
            settable = f"\n    set {getter}(" in text
            optional_too = settable and f"\n    reset{getter[0].upper()}{getter[1:]}(" in text
            flags = {
                # Whether AWS fills in what is left out is not told: it does so for these.
                "computed": not settable or named[2] in ("id", "region", "tags_all"),
                "optional": optional_too,
                "required": settable and not optional_too,
            }
            found[named[2]] = flags | _typed(named[1], body, *hcl.get(named[2], (False, "", "")))
        return found

    def _shape(self, name: str, body: str, block: bool, kind: str, storage: str) -> dict[str, Any]:
        made = re.search(rf"new (\w+)\(this, \"{name}\"(?:, (true|false))?", body)
        if made and _WRAPPER.search(made[1]):
            one = made[1].endswith("OutputReference")
            if made[1].endswith("Map"):
                nesting = "map"
            elif one and kind == "struct":
                nesting = "single"
            else:
                nesting = kind if kind in ("list", "set", "map") else "set" if made[2] == "true" else "list"
            return {"fields": self._nested(made[1]), "nesting": nesting, "block": block, "one": one}
        complex_kind = re.search(rf"new cdktf\.(\w+)\(this, ['\"]{name}['\"]", body)
        if complex_kind:
            inner = next((t for word, t in _PRIMITIVES.items() if complex_kind[1].startswith(word)), "string")
            is_map = complex_kind[1].endswith("Map")
            return {"type": ["map", inner] if is_map else ["list", ["map", inner]]}
        getter = re.search(rf"this\.get(\w+?)Attribute\('{name}'\)", body)
        return _typed(getter[1] if getter else None, body, block, kind, storage)


def _hcl(text: str) -> dict[str, tuple[bool, str, str]]:
    return {found[1]: (found[2] == "true", found[3], found[4]) for found in _HCL.finditer(text)}


def _typed(getter: str | None, body: str, _block: bool, kind: str, storage: str) -> dict[str, Any]:
    many = "set" if kind == "set" or "Fn.tolist" in body else "list"
    match getter:
        case "String" | "Number" | "Boolean":
            return {"type": _PRIMITIVES[getter]}
        case "List":
            return {"type": [many, "string"]}
        case "NumberList":
            return {"type": [many, "number"]}
        case "StringMap" | "NumberMap" | "BooleanMap":
            return {"type": ["map", _PRIMITIVES[getter.removesuffix("Map")]]}
    if kind in ("list", "set", "map") and storage:
        inner = next(
            (t for word, t in _PRIMITIVES.items() if storage.lower().startswith(word.lower())), "string"
        )
        return {"type": [kind, ["map", inner] if storage.endswith("MapList") else inner]}
    return {"type": "string"}

"""An AWS provider that has schemas and nothing else: `terraform validate` and mocked tests need no more.

It answers from within the process that runs the tests. Terraform finds it by TF_REATTACH_PROVIDERS, which is
meant for those who debug a provider: so there is nothing to install, and it starts once for all tests.
https://developer.hashicorp.com/terraform/plugin/debugging
"""

import json
import os
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import grpc
from tf.gen import tfplugin_pb2 as pb
from tf.gen import tfplugin_pb2_grpc as rpc

from tests.terraform.offline.schema import Fields

ADDRESS = "registry.terraform.io/hashicorp/aws"

_NESTINGS = pb.Schema.NestedBlock.NestingMode
_NESTING = {"single": _NESTINGS.SINGLE, "list": _NESTINGS.LIST, "set": _NESTINGS.SET, "map": _NESTINGS.LIST}


def _optional(kind: Any) -> dict[str, Any]:
    return {"type": kind, "optional": True, "computed": False, "required": False}


# What this plan's `provider "aws"` may say.
_CONFIGURATION: Fields = {
    "region": _optional("string"),
    "allowed_account_ids": _optional(["set", "string"]),
    "default_tags": {
        "fields": {"tags": _optional(["map", "string"])},
        "nesting": "list",
        "block": True,
        "one": True,
        "required": False,
    },
}


@contextmanager
def serving(schemas: Mapping[str, Fields]) -> Iterator[str]:
    """Serve these schemas, as `read_schema` gives them, on a free port of the loopback address.

    Gives the value of TF_REATTACH_PROVIDERS by which Terraform finds the provider.
    """
    server = grpc.server(ThreadPoolExecutor(4), options=[("grpc.max_send_message_length", -1)])
    rpc.add_ProviderServicer_to_server(_servicer(schemas), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    found = {
        "Protocol": "grpc",
        "ProtocolVersion": 6,
        "Pid": os.getpid(),
        # Terraform is not to end this process.
        "Test": True,
        "Addr": {"Network": "tcp", "String": f"127.0.0.1:{port}"},
    }
    try:
        yield json.dumps({ADDRESS: found})
    finally:
        server.stop(grace=None).wait()


def _servicer(schemas: Mapping[str, Fields]) -> Any:
    resources = {name: fields for name, fields in schemas.items() if not name.startswith("data.")}
    sources = {name[5:]: fields for name, fields in schemas.items() if name.startswith("data.")}
    can = pb.ServerCapabilities(plan_destroy=True)
    told = pb.GetMetadata.Response(
        server_capabilities=can,
        resources=[pb.GetMetadata.ResourceMetadata(type_name=name) for name in resources],
        data_sources=[pb.GetMetadata.DataSourceMetadata(type_name=name) for name in sources],
    )
    all_schemas = pb.GetProviderSchema.Response(
        server_capabilities=can,
        provider=_schema(_CONFIGURATION),
        resource_schemas={name: _schema(fields) for name, fields in resources.items()},
        data_source_schemas={name: _schema(fields) for name, fields in sources.items()},
    )

    class SchemasOnly(rpc.ProviderServicer):  # type: ignore[misc]
        def GetMetadata(self, _request: Any, _context: Any) -> Any:  # noqa: N802 - the protocol's names
            return told

        def GetProviderSchema(self, _request: Any, _context: Any) -> Any:  # noqa: N802
            return all_schemas

        def ValidateProviderConfig(self, _request: Any, _context: Any) -> Any:  # noqa: N802
            return pb.ValidateProviderConfig.Response()

        def ValidateResourceConfig(self, _request: Any, _context: Any) -> Any:  # noqa: N802
            return pb.ValidateResourceConfig.Response()

        def ValidateDataResourceConfig(self, _request: Any, _context: Any) -> Any:  # noqa: N802
            return pb.ValidateDataResourceConfig.Response()

        def ConfigureProvider(self, _request: Any, _context: Any) -> Any:  # noqa: N802
            refused = pb.Diagnostic(
                severity=pb.Diagnostic.ERROR, summary="This provider has schemas only: it plans nothing"
            )
            return pb.ConfigureProvider.Response(diagnostics=[refused])

        def StopProvider(self, _request: Any, _context: Any) -> Any:  # noqa: N802
            return pb.StopProvider.Response()

    return SchemasOnly()


def _schema(fields: Fields) -> Any:
    return pb.Schema(version=0, block=_block(fields))


def _block(fields: Fields) -> Any:
    attributes, blocks = [], []
    for name, field in sorted(fields.items()):
        if not field.get("block"):
            attributes.append(_attribute(name, field))
            continue
        bounds = {}
        if field["nesting"] != "single":
            bounds = {"min_items": int(field["required"]), "max_items": int(field["one"])}
        blocks.append(
            pb.Schema.NestedBlock(
                type_name=name,
                block=_block(field["fields"]),
                nesting=_NESTING[field["nesting"]],
                **bounds,
            )
        )
    return pb.Schema.Block(attributes=attributes, block_types=blocks)


def _attribute(name: str, field: dict[str, Any]) -> Any:
    required = field["required"]
    optional = field["optional"] and not required
    return pb.Schema.Attribute(
        name=name,
        type=json.dumps(_type(field)).encode(),
        required=required,
        optional=optional,
        computed=not required and (field["computed"] or not optional),
    )


def _type(field: dict[str, Any]) -> Any:
    if "type" in field:
        return field["type"]
    inner = ["object", {name: _type(nested) for name, nested in field["fields"].items()}]
    return inner if field["nesting"] == "single" else [field["nesting"], inner]

"""What Terraform makes of the plan: its resources, by their addresses."""

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen


@frozen
class Made:
    """The resources of an applied plan. What AWS would choose is a word of Terraform's own."""

    resources: Mapping[str, Any]

    def of(self, kind: str, module: str = "") -> dict[str, Any]:
        """The resources of a type by their addresses; of one module, by what follows the type in them."""
        prefix = f"{module}.{kind}." if module else f"{kind}."
        return {
            address[len(prefix) :] if module else address: values
            for address, values in self.resources.items()
            if (address.startswith(prefix) if module else f".{kind}." in f".{address}")
            and not address.startswith("data.")
            and ".data." not in address
        }


def made(state: Mapping[str, Any]) -> Made:
    """The resources of a state, as `terraform test -verbose` or `terraform show -json` writes it."""
    return Made(dict(_resources(state["root_module"])))


def made_by(plan: Mapping[str, Any]) -> Made:
    """The resources that are there when a plan, as `terraform test -verbose` writes it, was applied."""
    after = {change["address"]: change["change"]["after"] for change in plan["resource_changes"]}
    return Made({address: values for address, values in after.items() if values is not None})


def _resources(module: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for resource in module.get("resources", []):
        yield resource["address"], resource["values"]
    for child in module.get("child_modules", []):
        yield from _resources(child)

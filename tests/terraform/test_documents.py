"""Whoever follows docs/to-aws.md finds what it names."""

import ast
import importlib
import re

from tests.apps import ROOT
from tests.terraform.conftest import PLAN

PAGE = ROOT / "docs" / "to-aws.md"


def test_the_python_of_the_page_can_run():
    """Each piece can be read by Python, and all that it imports of the shop is there."""
    pieces = re.findall(r"(?s)<<'PY'\n(.*?)\nPY\n", PAGE.read_text(encoding="utf-8"))
    assert len(pieces) == 2
    for piece in pieces:
        for node in ast.walk(ast.parse(piece)):
            if isinstance(node, ast.ImportFrom):
                module = importlib.import_module(str(node.module))
                assert all(hasattr(module, alias.name) for alias in node.names), node.module


def test_the_values_of_the_page_are_variables_of_the_plan():
    """What a newcomer is told to set can be set, and what has no default in prod is told."""
    text = PAGE.read_text(encoding="utf-8")
    (own,) = re.findall(r"(?s)```hcl\n(.*?)```", text)
    told = set(re.findall(r"^(\w+) +=", own, re.MULTILINE))
    variables = (PLAN / "variables.tf").read_text(encoding="utf-8").split("\nvariable ")[1:]
    names = {variable.split('"')[1]: "\n  default" in variable for variable in variables}
    assert told <= set(names)
    for environment in ("dev", "prod"):
        sizes = (PLAN / "environments" / f"{environment}.tfvars").read_text(encoding="utf-8")
        given = set(re.findall(r"^(\w+) +=", sizes, re.MULTILINE))
        assert given <= set(names)
        assert {name for name, optional in names.items() if not optional} - given <= told
    for output in re.findall(r"terraform output (?:-raw )?(\w+)", text):
        assert f'output "{output}"' in (PLAN / "outputs.tf").read_text(encoding="utf-8")


def test_what_the_plan_s_pages_lead_to_is_there():
    """No link of the pages about AWS leads nowhere, and no comment of the plan names a page that is not."""
    for name in ("to-aws.md", "cost.md"):
        for target in re.findall(r"\]\(([^)#:]+)\)", (ROOT / "docs" / name).read_text(encoding="utf-8")):
            assert (ROOT / "docs" / target).exists(), f"{name} leads to {target}"
    files = [
        path for pattern in ("*.tf", "*.tfvars", "*.hcl", "*.json", "*.txt") for path in PLAN.rglob(pattern)
    ]
    for path in files:
        if "services" not in path.parts:
            for page in re.findall(r"docs/[\w/-]+\.md", path.read_text(encoding="utf-8")):
                assert (ROOT / page).exists(), f"{path.name} names {page}"

"""Terraform on a machine without an account, and without the provider."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from attrs import frozen

from tests.npm import packed
from tests.terraform.offline.provider import serving
from tests.terraform.offline.schema import NPM_PACKAGE, read_schema


def run(folder: Path, *arguments: str, provider: str = "{}") -> subprocess.CompletedProcess[str]:
    """Run Terraform in a folder, with the provider that answers there; its output is in one text."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "TF_"))}
    return subprocess.run(
        ["terraform", *arguments],  # noqa: S607 - whichever is on the PATH
        cwd=folder,
        env=own
        | {
            "TF_REATTACH_PROVIDERS": provider,
            # Neither the user's own settings, nor a look for a newer version.
            "TF_CLI_CONFIG_FILE": os.devnull,
            "CHECKPOINT_DISABLE": "1",
            "TF_IN_AUTOMATION": "1",
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
        timeout=300,
    )


@frozen
class Terraform:
    """The program, with a provider of schemas only in the place of the real one."""

    provider: str
    """Where that provider answers."""

    def run(self, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run it in a folder; its output is in one text."""
        return run(folder, *arguments, provider=self.provider)

    def init(self, folder: Path) -> None:
        """Ready a folder. Its backend is left out: there is no bucket."""
        done = self.run(folder, "init", "-backend=false", "-no-color", "-input=false")
        assert done.returncode == 0, done.stdout

    def validate(self, folder: Path) -> list[str]:
        """What is wrong with the configuration in the folder, a sentence each; empty where it is right."""
        told = json.loads(self.run(folder, "validate", "-json").stdout)
        return [
            f"{said['summary']}: {said.get('detail', '')}"
            for said in told["diagnostics"]
            if said["severity"] == "error"
        ]


def needs_terraform() -> None:
    """Skip the test where there is no Terraform."""
    if shutil.which("terraform") is None:
        pytest.skip("There is no terraform on this machine: the plan is not checked.")


@contextmanager
def terraform(sources: list[Path]) -> Iterator[Terraform]:
    """Terraform with the schemas of all types that these folders name; skips where it cannot be had."""
    needs_terraform()
    types = {name for folder in sources for name in _types(folder)}
    with serving(read_schema(packed(NPM_PACKAGE), types)) as provider:
        yield Terraform(provider)


def _types(folder: Path) -> set[str]:
    """The types of resources and data sources that Terraform's files in a folder name."""
    found: set[str] = set()
    for path in folder.rglob("*.tf"):
        text = path.read_text(encoding="utf-8")
        found |= set(re.findall(r'^resource "(\w+)"', text, re.MULTILINE))
        found |= {f"data.{name}" for name in re.findall(r'^data "(\w+)"', text, re.MULTILINE)}
    for path in folder.rglob("*.tf.json"):
        template = json.loads(path.read_text(encoding="utf-8"))
        found |= set(template.get("resource", {}))
        found |= {f"data.{name}" for name in template.get("data", {})}
    return found

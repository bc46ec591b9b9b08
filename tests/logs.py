"""What was logged."""

import json
from typing import Any

import pytest


def logged(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    """The lines of the log that were printed since somebody looked last; metrics are none."""
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return [line for line in lines if "message" in line]

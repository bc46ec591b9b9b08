"""What AWS refuses, in the shop's words and in its log."""

import json

import pytest

from common.aws.clients import CallFailed
from common.aws.errors import unavailable
from common.errors import Unavailable

WHY = (
    "User: arn:aws:sts::1:assumed-role/r/f is not authorized to perform: lambda:InvokeFunction on resource: x"
)


def _refuse(code: str, message: str) -> None:
    with pytest.raises(Unavailable) as told, unavailable("The order service"):
        raise CallFailed("Invoke", code, message)
    assert message not in str(told.value)


def test_a_missing_permission_is_logged(capsys: pytest.CaptureFixture[str]) -> None:
    """The caller may go on without what it asked for; the log says which permission to give."""
    _refuse("AccessDeniedException", WHY)
    told = json.loads(capsys.readouterr().out)
    assert told["level"] == "ERROR"
    assert "lambda:InvokeFunction" in told["why"]


def test_what_may_pass_is_not_logged(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever asked tells of it; and other messages may hold what should not be in a log."""
    _refuse("ThrottlingException", "Slow down, ada@customers.example.")
    assert capsys.readouterr().out == ""

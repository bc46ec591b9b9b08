"""What `make audit` makes of pip-audit's answers."""

import json
from pathlib import Path
from typing import Any

from local.audit import OUT_OF_REACH, verdict

LOCK = Path("constraints.txt")
SOUND: dict[str, Any] = {"name": "attrs", "version": "26.1.0", "vulns": []}
FOUND: dict[str, Any] = {
    "name": "pillow",
    "version": "1.0",
    "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1", "2.0"]}, {"id": "PYSEC-2", "fix_versions": []}],
}
SKIPPED = {"name": "xmod", "skip_reason": "Dependency not found on PyPI and could not be audited"}


def _answer(*packages: dict[str, Any]) -> str:
    return json.dumps({"dependencies": packages, "fixes": []})


def test_a_finding_is_an_error() -> None:
    """Each is named with the versions that mend it, and the exit status is 1."""
    status, said = verdict(LOCK, _answer(SOUND, FOUND), "Found 2 known vulnerabilities in 1 package")
    assert status == 1
    assert said == [
        "constraints.txt: 2 packages audited, 2 vulnerabilities found",
        "pillow 1.0: PYSEC-1, mended in 1.1, 2.0",
        "pillow 1.0: PYSEC-2, mended in no version",
    ]


def test_nothing_found_is_told() -> None:
    """How many were asked after, and of which nothing is known."""
    assert verdict(LOCK, _answer(SOUND), "") == (
        0,
        ["constraints.txt: 1 packages audited, 0 vulnerabilities found"],
    )
    assert verdict(LOCK, _answer(SOUND, SKIPPED), "")[1][-1] == "Nothing is known of xmod."


def test_a_database_out_of_reach_is_no_clean_bill() -> None:
    """A registry without advisories knows of no package, and pip-audit says that nothing is wrong."""
    told = (0, [f"constraints.txt {OUT_OF_REACH}"])
    assert verdict(LOCK, _answer(SKIPPED, SKIPPED), "No known vulnerabilities found") == told
    assert verdict(LOCK, "", "requests.exceptions.ConnectionError: no route") == told


def test_an_audit_that_fails_is_an_error() -> None:
    """Its last word is told."""
    assert verdict(LOCK, "", "Traceback\nKeyError: 'x'") == (
        1,
        ["constraints.txt could not be audited: KeyError: 'x'"],
    )

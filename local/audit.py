"""Ask which of the locked packages have known vulnerabilities: `python -m local.audit`, by `make audit`.

pip-audit asks for the advisories that the registry of Python's packages publishes. Where it is told nothing
of a package, it says that all is well; here that is no answer.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from local.install import CONSTRAINTS
from local.paths import ROOT

LOCKS = (CONSTRAINTS, ROOT / "terraform" / "checkov.txt")
OUT_OF_REACH = (
    "is not audited: the database of vulnerabilities is out of reach from this machine. "
    "Run 'make audit' where the internet is."
)


def main() -> int:
    """1 where something was found, or the audit failed; 0 otherwise, also where nobody could be asked."""
    status = 0
    for lock in LOCKS:
        command = [sys.executable, "-m", "pip_audit", "--requirement", str(lock), "--require-hashes"]
        command += ["--disable-pip", "--format", "json", "--progress-spinner", "off"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        found, said = verdict(lock, done.stdout, done.stderr)
        print("\n".join(said))
        status = max(status, found)
    return status


def verdict(lock: Path, answer: str, errors: str) -> tuple[int, Sequence[str]]:
    """The exit status, and what to say, by what pip-audit printed as JSON and as errors."""
    try:
        packages = json.loads(answer)["dependencies"]
    except ValueError:
        if "ConnectionError" in errors or "ServiceError" in errors:
            return 0, [f"{lock.name} {OUT_OF_REACH}"]
        return 1, [f"{lock.name} could not be audited: {errors.strip().rpartition(chr(10))[2]}"]
    asked = [package for package in packages if "skip_reason" not in package]
    if not asked:
        return 0, [f"{lock.name} {OUT_OF_REACH}"]
    found = [
        f"{package['name']} {package['version']}: {one['id']}, mended in {_listed(one['fix_versions'])}"
        for package in asked
        for one in package["vulns"]
    ]
    unknown = [package["name"] for package in packages if "skip_reason" in package]
    said = [f"{lock.name}: {len(asked)} packages audited, {len(found)} vulnerabilities found", *found]
    if unknown:
        said.append(f"Nothing is known of {', '.join(unknown)}.")
    return int(bool(found)), said


def _listed(versions: Sequence[str]) -> str:
    return ", ".join(versions) or "no version"


if __name__ == "__main__":
    sys.exit(main())

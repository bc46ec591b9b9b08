"""LocalStack for tests that are told to have it by --localstack."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from attrs import frozen

from local import elsewhere, processes
from local.emulator.server import mail_folder
from local.localstack import install, server
from tests.local.shop_homes import new_home, quiet


@frozen
class LocalStack:
    """One that runs."""

    endpoint: str
    home: Path | None
    """Where it runs on this machine; None if it runs elsewhere, such as in a container."""

    @property
    def mails(self) -> list[Path]:
        """The files of the mails that were sent, in their order."""
        assert self.home
        return sorted(mail_folder(self.home).glob("*.eml"), key=lambda file: file.stat().st_mtime_ns)


@contextmanager
def running_localstack(folder: Path) -> Iterator[LocalStack]:
    """The one that AWS_ENDPOINT_URL names, else one in this folder, which is stopped behind the block.

    Raises LocalError, with a sentence, where it cannot be installed.
    """
    named = elsewhere.aws()
    if named:
        yield LocalStack(named, None)
        return
    install.install()
    home = new_home(folder)
    try:
        processes.start([server.server(home)], home, report=quiet)
        yield LocalStack(server.address(home), home)
    finally:
        processes.stop(None, home, report=quiet)

"""What every store of files does: one in memory, and S3 by moto, or LocalStack."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import boto3
import pytest

from common.aws.bucket import S3Bucket
from common.errors import Unavailable
from common.logging import handling
from common.ports.objects import ObjectStore
from common.repositories.memory.objects import MemoryObjects
from tests.fakes import FakeClock


@pytest.fixture(params=["memory", "s3"])
def objects(request: pytest.FixtureRequest, clock: FakeClock) -> ObjectStore:
    if request.param == "memory":
        return MemoryObjects(clock)
    request.getfixturevalue("aws")
    # Nobody else, in no other account, has a bucket of this name.
    bucket = f"invoices-{uuid4()}"
    boto3.client("s3").create_bucket(Bucket=bucket)
    return S3Bucket(bucket)


def test_a_key_is_written_once(objects: ObjectStore) -> None:
    """The first body stands; who comes second is told."""
    assert objects.get("a/1") is None
    assert objects.add("a/1", b"first", "text/plain")
    assert not objects.add("a/1", b"second", "text/plain")
    stored = objects.get("a/1")
    assert stored is not None
    assert stored.body == b"first"
    assert stored.written_at.tzinfo is not None


def test_an_object_is_replaced_as_long_as_it_is_the_known_version(objects: ObjectStore) -> None:
    """Of two who know the same version, one wins; what is not there is not replaced."""
    assert not objects.replace("a/1", b"new", "text/plain", "any")
    objects.add("a/1", b"first", "text/plain")
    stored = objects.get("a/1")
    assert stored is not None
    assert objects.replace("a/1", b"second", "text/plain", stored.version)
    assert not objects.replace("a/1", b"third", "text/plain", stored.version)
    replaced = objects.get("a/1")
    assert replaced is not None
    assert replaced.body == b"second"
    assert replaced.version != stored.version


def test_an_object_says_in_the_course_of_what_it_was_written(objects: ObjectStore) -> None:
    """The correlation id of whoever wrote it last; none where nothing was being handled."""
    objects.add("a/1", b"first", "text/plain")
    stored = objects.get("a/1")
    assert stored is not None
    assert stored.correlation_id == ""
    with handling("invoice", "on_payment", "corr-1"):
        objects.replace("a/1", b"second", "text/plain", stored.version)
    stored = objects.get("a/1")
    assert stored is not None
    assert stored.correlation_id == "corr-1"


def test_a_removed_key_is_free_again(objects: ObjectStore) -> None:
    """Removing twice is fine."""
    objects.add("a/1", b"first", "text/plain")
    objects.remove("a/1")
    objects.remove("a/1")
    assert objects.get("a/1") is None
    assert objects.add("a/1", b"second", "text/plain")


def test_keys_are_listed_by_their_beginning_in_order(objects: ObjectStore) -> None:
    """All of them, not only a first page."""
    for number in range(25):
        objects.add(f"a/{number:02}", b"", "text/plain")
    objects.add("b/1", b"", "text/plain")
    assert list(objects.keys("a/")) == [f"a/{number:02}" for number in range(25)]
    assert list(objects.keys("c/")) == []


def test_a_link_is_given_for_what_is_there(objects: ObjectStore) -> None:
    """It names the object, and the name to save it under."""
    assert objects.link("a/1", "INV-1.pdf", timedelta(minutes=5)) is None
    objects.add("a/1", b"pdf", "application/pdf")
    link = objects.link("a/1", "INV-1.pdf", timedelta(minutes=5))
    assert link is not None
    assert "a/1" in link
    assert "INV-1.pdf" in link


def test_a_store_that_fails_is_unavailable(aws: Iterator[None]) -> None:
    """A bucket that is not there, for whatever reason, is an `Unavailable`, and nothing else."""
    gone = S3Bucket("nowhere")
    for call in (
        lambda: gone.add("a", b"", "text/plain"),
        lambda: gone.remove("a"),
        lambda: list(gone.keys("a")),
        lambda: gone.get("a"),
    ):
        with pytest.raises(Unavailable):
            call()

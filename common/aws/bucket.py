"""S3."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from email.utils import parsedate_to_datetime

from common.aws.clients import CallFailed, Client, client, xml
from common.aws.errors import unavailable
from common.kinds import service
from common.logging import correlation_id
from common.ports.objects import StoredObject

_WHAT = "The store of files"

# Of S3's own metadata, which each object has.
_CORRELATION = "x-amz-meta-correlation-id"

# A conditional write that lost. (409 ConditionalRequestConflict says nothing of who won: try again later.)
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
_LOST = {"PreconditionFailed"}
_MISSING = {"NoSuchKey", "404", "NotFound"}


@service
class S3Bucket:
    """`ObjectStore` in an S3 bucket. `s3` gives the client of a bucket, or another that speaks like it."""

    bucket: str
    s3: Callable[[str], Client] = lambda bucket: client("s3", bucket)

    def add(self, key: str, body: bytes, content_type: str) -> bool:
        return self._put(key, body, {"content-type": content_type, "if-none-match": "*"})

    def replace(self, key: str, body: bytes, content_type: str, version: str) -> bool:
        return self._put(key, body, {"content-type": content_type, "if-match": version})

    def _put(self, key: str, body: bytes, headers: dict[str, str]) -> bool:
        sent = {**headers, _CORRELATION: correlation_id()}
        with unavailable(_WHAT):
            try:
                self.s3(self.bucket).send("PutObject", "PUT", f"/{key}", headers=sent, body=body)
            except CallFailed as error:
                if error.code in _LOST | _MISSING:
                    return False
                raise
        return True

    def get(self, key: str) -> StoredObject | None:
        with unavailable(_WHAT):
            try:
                answer = self.s3(self.bucket).send("GetObject", "GET", f"/{key}")
            except CallFailed as error:
                if error.code in _MISSING:
                    return None
                raise
        written_at = parsedate_to_datetime(answer.headers["last-modified"])
        correlation = answer.headers.get(_CORRELATION, "")
        return StoredObject(answer.body, answer.headers["etag"], written_at, correlation)

    def remove(self, key: str) -> None:
        with unavailable(_WHAT):
            self.s3(self.bucket).send("DeleteObject", "DELETE", f"/{key}")

    def keys(self, prefix: str) -> Iterator[str]:
        asked = {"list-type": "2", "prefix": prefix}
        while True:
            with unavailable(_WHAT):
                answer = self.s3(self.bucket).send("ListObjectsV2", "GET", "/", query=asked)
            page = xml(answer.body)
            for key in page.iterfind("{*}Contents/{*}Key"):
                yield key.text or ""
            more = page.findtext("{*}NextContinuationToken")
            if not more:
                return
            asked["continuation-token"] = more

    def link(self, key: str, file_name: str, valid: timedelta) -> str | None:
        with unavailable(_WHAT):
            try:
                self.s3(self.bucket).send("HeadObject", "HEAD", f"/{key}")
            except CallFailed as error:
                if error.code in _MISSING:
                    return None
                raise
        shown = {"response-content-disposition": f'attachment; filename="{file_name}"'}
        return self.s3(self.bucket).link(f"/{key}", shown, int(valid.total_seconds()))

"""S3."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

from attrs import field, frozen
from botocore.exceptions import ClientError

from common.aws.clients import client
from common.aws.errors import code, unavailable
from common.logging import correlation_id
from common.ports.objects import StoredObject

_WHAT = "The store of files"

# Of S3's own metadata, which each object has: x-amz-meta-correlation-id.
_CORRELATION = "correlation-id"

# A conditional write that lost. (409 ConditionalRequestConflict says nothing of who won: try again later.)
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
_LOST = {"PreconditionFailed"}
_MISSING = {"NoSuchKey", "404", "NotFound"}


@frozen
class S3Bucket:
    """`ObjectStore` in an S3 bucket. `s3` gives boto3's client, or another that speaks like it."""

    bucket: str
    s3: Callable[[], Any] = field(default=lambda: client("s3"), repr=False)

    def add(self, key: str, body: bytes, content_type: str) -> bool:
        return self._put(key, body, content_type, IfNoneMatch="*")

    def replace(self, key: str, body: bytes, content_type: str, version: str) -> bool:
        return self._put(key, body, content_type, IfMatch=version)

    def _put(self, key: str, body: bytes, content_type: str, **condition: str) -> bool:
        with unavailable(_WHAT):
            try:
                self.s3().put_object(
                    Bucket=self.bucket,
                    Key=key,
                    Body=body,
                    ContentType=content_type,
                    Metadata={_CORRELATION: correlation_id()},
                    **condition,
                )
            except ClientError as error:
                if code(error) in _LOST | _MISSING:
                    return False
                raise
        return True

    def get(self, key: str) -> StoredObject | None:
        with unavailable(_WHAT):
            try:
                answer: dict[str, Any] = self.s3().get_object(Bucket=self.bucket, Key=key)
                return StoredObject(
                    answer["Body"].read(),
                    answer["ETag"],
                    answer["LastModified"],
                    answer["Metadata"].get(_CORRELATION, ""),
                )
            except ClientError as error:
                if code(error) in _MISSING:
                    return None
                raise

    def remove(self, key: str) -> None:
        with unavailable(_WHAT):
            self.s3().delete_object(Bucket=self.bucket, Key=key)

    def keys(self, prefix: str) -> Iterator[str]:
        with unavailable(_WHAT):
            pages = self.s3().get_paginator("list_objects_v2").paginate(Bucket=self.bucket, Prefix=prefix)
            for page in pages:
                for item in page.get("Contents", []):
                    yield item["Key"]

    def link(self, key: str, file_name: str, valid: timedelta) -> str | None:
        with unavailable(_WHAT):
            try:
                self.s3().head_object(Bucket=self.bucket, Key=key)
            except ClientError as error:
                if code(error) in _MISSING:
                    return None
                raise
            address: str = self.s3().generate_presigned_url(
                "get_object",
                Params={
                    "Bucket": self.bucket,
                    "Key": key,
                    "ResponseContentDisposition": f'attachment; filename="{file_name}"',
                },
                ExpiresIn=int(valid.total_seconds()),
            )
            return address

"""Signature Version 4: by the examples that AWS publishes, and by what botocore signs."""

from datetime import UTC, datetime

import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from common.aws.signature import EMPTY, UNSIGNED, Signer
from common.settings import Aws

# The suite of tests that AWS published with Signature Version 4: `get-vanilla` and others by their names.
SUITE = Signer(
    Aws(
        aws_region="us-east-1",
        aws_access_key_id="AKIDEXAMPLE",
        aws_secret_access_key="wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    ),
    "service",
    datetime(2015, 8, 30, 12, 36, tzinfo=UTC),
)
HEADERS = {"Host": "example.amazonaws.com", "X-Amz-Date": "20150830T123600Z"}

# https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html, and its page on queries.
S3 = Signer(
    Aws(
        aws_region="us-east-1",
        aws_access_key_id="AKIA" + "IOSFODNN7EXAMPLE",
        aws_secret_access_key="wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
    ),
    "s3",
    datetime(2013, 5, 24, tzinfo=UTC),
)


@pytest.mark.parametrize(
    ("name", "method", "path", "query", "headers", "signature"),
    [
        (
            "get-vanilla",
            "GET",
            "/",
            {},
            {},
            "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31",
        ),
        (
            "post-vanilla",
            "POST",
            "/",
            {},
            {},
            "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b",
        ),
        (
            "get-vanilla-query-order-key-case",
            *("GET", "/", {"Param2": "value2", "Param1": "value1"}, {}),
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
        ),
        (
            "get-vanilla-utf8-query",
            *("GET", "/", {"ሴ": "bar"}, {}),
            "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04",
        ),
        (
            "get-utf8",
            # Sent as no client sends it: not encoded.
            *("GET", "/ሴ", {}, {}),
            "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85",
        ),
        (
            "get-header-value-trim",
            *("GET", "/", {}, {"My-Header1": " value1", "My-Header2": ' "a   b   c"'}),
            "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736",
        ),
        (
            "post-header-key-sort",
            *("POST", "/", {}, {"My-Header1": "value1"}),
            "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c",
        ),
    ],
)
def test_the_published_suite(
    name: str, method: str, path: str, query: dict[str, str], headers: dict[str, str], signature: str
) -> None:
    """Each example has the signature that AWS says it has."""
    assert SUITE.signature(method, path, query, {**HEADERS, **headers}, EMPTY) == signature


def test_the_published_example_of_a_file() -> None:
    """A part of an object of S3, whose headers prove who asks."""
    sent = S3.headers(
        "GET", "/test.txt", {}, {"host": "examplebucket.s3.amazonaws.com", "range": "bytes=0-9"}, b""
    )
    assert sent["authorization"] == (
        f"AWS4-HMAC-SHA256 Credential={S3.access.aws_access_key_id}/20130524/us-east-1/s3/aws4_request, "
        "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, "
        "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"
    )


def test_the_published_example_of_a_link() -> None:
    """Whoever has it may download the object for a day."""
    link = S3.link("/test.txt", {}, "examplebucket.s3.amazonaws.com", 86400, UNSIGNED)
    signature = "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404"
    assert link.endswith(f"&X-Amz-Signature={signature}")


@pytest.mark.parametrize("service", ["s3", "lambda", "secretsmanager"])
@pytest.mark.parametrize("token", ["", "of/a role+=="])
def test_botocore_signs_alike(service: str, token: str) -> None:
    """With a body, a query, a strange path and the token of a role: at the same moment, the same."""
    now = datetime.now(UTC)
    access = Aws(
        aws_region="eu-central-1",
        aws_access_key_id="key",
        aws_secret_access_key="secret",
        aws_session_token=token,
    )
    path, query, body = "/a%20b/%C3%BC%2B", {"b": "1 2", "a": "ä/~"}, b'{"tea": 1}'
    host = f"{service}.eu-central-1.amazonaws.com"
    given = {"host": host, "content-type": "application/json"}
    ours = Signer(access, service, now).headers("PUT", path, query, given, body)

    request = AWSRequest("PUT", f"https://{host}{path}", {**ours}, body, params=query)
    del request.headers["authorization"]
    kind = S3SigV4Auth if service == "s3" else SigV4Auth
    signer = kind(Credentials("key", "secret", token or None), service, "eu-central-1")
    request.context["timestamp"] = ours["x-amz-date"]
    theirs = signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
    assert ours["authorization"].endswith(f"Signature={theirs}")
    assert ours.get("x-amz-security-token", "") == token

"""What a service's packages bring along and no function ever imports: left out of its deployment package."""

import shutil
from pathlib import Path

_UNUSED = (
    # fpdf2 needs Pillow for images only, and an invoice has none: 8 MB of the zip's 20.
    *("PIL", "pillow.libs", "pillow-*.dist-info"),
    "certifi/tests",
    # Lambda brings AWS's own library, which the login at Keyspaces asks for: 14 MB of the zip.
    *("boto3", "boto3-*.dist-info", "botocore", "botocore-*.dist-info"),
    *("s3transfer", "s3transfer-*.dist-info", "jmespath", "jmespath-*.dist-info"),
    # The sources that Cassandra's driver was compiled from, and its mapping of objects.
    *("cassandra/*.c", "cassandra/*.h", "cassandra/*.pyx", "cassandra/*.pxd", "cassandra/cqlengine"),
    # A compiled parser for numpy, which no function has; the command line of a library that the driver needs.
    *("cassandra/numpy_parser.*.so", "click", "click-*.dist-info"),
    # cryptography needs _cffi_backend only; the rest of cffi compiles bindings: 0.2 MB.
    *("cffi", "cffi-*.dist-info", "pycparser", "pycparser-*.dist-info"),
    # The time zones of the world, of which a database's times need none: 0.2 MB.
    "dateutil/zoneinfo/*.tar.gz",
    # Its import fails without pyOpenSSL, which nobody brings: but for 30 ms of a cold start it tries.
    # Python's own TLS is what is used.
    "pymongo/pyopenssl_context.py",
    # The types of Stripe's parameters, for those who check types: 0.5 MB.
    "stripe/params",
)

# Compiled doubles of modules that are there in Python too: of fontTools, with their C sources, 4 MB; of
# Cassandra's driver, 1.3 MB: the archive is 1 or 2 of a hundred slower. What reads its rows stays compiled.
_DOUBLES = (
    *("fontTools/**/*.so", "fontTools/**/*.c"),
    *(f"cassandra/{module}.*.so" for module in ("cluster", "metadata", "pool", "util")),
)


def leave_out_unused(packages: Path) -> None:
    """Remove from a folder of installed packages what no function imports. Again, it does nothing more."""
    for pattern in (*_UNUSED, *_DOUBLES):
        for path in packages.glob(pattern):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()

"""What is left out of deployment packages."""

from pathlib import Path

from local.slim import leave_out_unused


def test_only_what_no_function_imports_is_left_out(tmp_path: Path) -> None:
    """Pillow, compiled doubles and what fails after all go; whatever else is there stays, compiled or not."""
    unused = ["PIL/Image.py", "pillow.libs/libjpeg.so", "pillow-12.2.0.dist-info/METADATA"]
    unused += ["fontTools/misc/bezierTools.cpython-311-x86_64-linux-gnu.so", "fontTools/misc/bezierTools.c"]
    unused += ["certifi/tests/test_certify.py", "pymongo/pyopenssl_context.py"]
    unused += ["cassandra/cluster.cpython-311-x86_64-linux-gnu.so", "cffi/api.py", "stripe/params/_a.py"]
    unused += ["dateutil/zoneinfo/dateutil-zoneinfo.tar.gz"]
    used = ["cassandra/cluster.py", "cassandra/row_parser.cpython-311-x86_64-linux-gnu.so"]
    used += ["dateutil/zoneinfo/__init__.py", "stripe/_charge.py"]
    used += ["pymongo/ssl_support.py", "certifi/cacert.pem"]
    used += ["fontTools/misc/bezierTools.py", "_cffi_backend.so", "fpdf/fpdf.py"]
    for name in unused + used:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")

    for _ in range(2):
        leave_out_unused(tmp_path)
        kept = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
        assert kept == set(used)
    assert not (tmp_path / "PIL").exists()

"""Make of each service what Terraform deploys: `make package`, then terraform/services/<service>/.

Chalice's own packager does the work, in a copy of the service, as for this machine. It was last written for
Terraform 1.3 and version 4 of the AWS provider: `mend` puts right what newer ones refuse, and what one plan
for six services needs. Chalice writes a zip with the day in it: `make_reproducible` writes it anew, so that
the same commit gives the same bytes, and Terraform sees a change only where there is one.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from local import bytecode, deploy, slim
from local.errors import LocalError
from local.paths import HOME, ROOT, TOOLS, write_atomically
from local.services import SERVICES
from local.storefront import HEADERS_FILE, SITE
from local.tools import LIBRARIES

STAGE = "aws"
SERVICES_FOLDER = ROOT / "terraform" / "services"
LOGINS = ROOT / "terraform" / "modules" / "logins" / "function"

# Who signs the certificates of RDS and DocumentDB, unknown to Python: docs/to-aws.md says where to get them.
CERTIFICATES = ROOT / "terraform" / "certificates" / "global-bundle.pem"
PACKED_CERTIFICATES = "rds-certificates.pem"
WITH_CERTIFICATES = ("product", "logins")

_VARIABLE = re.compile(r"\$\{var\.([a-z_]+)(?:\.[a-z_]+)?\}")
_TYPES = {"roles": "map(string)", "subnet_ids": "list(string)", "security_group_ids": "list(string)"}
_LOG_FORMAT = {
    "requestId": "$context.requestId",
    "time": "$context.requestTime",
    "method": "$context.httpMethod",
    "path": "$context.resourcePath",
    "status": "$context.status",
    "milliseconds": "$context.responseLatency",
    "error": "$context.error.message",
}

Template = dict[str, Any]


def package(
    target: Path = SERVICES_FOLDER,
    home: Path = HOME / "package",
    services: Sequence[str] = SERVICES,
    checkout: Path = ROOT,
) -> list[Path]:
    """Package the services, the function that makes logins, and the storefront, into folders of `target`.

    Returns these. Each is replaced only when its package is whole. Copies of the services, as they are in the
    checkout, lie in `home`. Raises LocalError with a sentence.
    """
    target.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(2) as pool:
        made = pool.map(lambda service: _package(service, target, home, checkout), services)
        return [*made, _package_logins(target), package_storefront(target)]


def mend(template: Mapping[str, Any], service: str) -> Template:
    """What Chalice wrote, as Terraform 1.11 and version 6 of the AWS provider take it.

    Each step says what is wrong with what Chalice 1.34 writes.
    """
    text = json.dumps(template)
    # The functions' names would hold the stage that was packaged; the package is the same for all.
    text = text.replace(f'"{service}-{STAGE}', f'"{service}-${{var.stage}}')
    # An attribute's old name.
    text = text.replace("${data.aws_region.chalice.name}", "${data.aws_region.chalice.region}")
    mended: Template = json.loads(text)

    # It asks for Terraform below 1.4 and for the provider below 5, and for one more that it does not need.
    mended["terraform"] = {
        "required_version": ">= 1.11",
        "required_providers": {"aws": {"source": "hashicorp/aws", "version": "~> 6.25"}},
    }
    mended["data"].pop("null_data_source", None)

    resources = mended["resource"]
    for function in resources["aws_lambda_function"].values():
        # They name the stage that was packaged; the provider has default tags.
        function.pop("tags", None)
    for mapping in resources.get("aws_lambda_event_source_mapping", {}).values():
        # The handlers tell which messages of a batch failed; Chalice has no setting for it.
        mapping["function_response_types"] = ["ReportBatchItemFailures"]
    for name, rule in resources.get("aws_cloudwatch_event_rule", {}).items():
        # Rules of two services or stages would have one name.
        rule["name"] = f"{service}-${{var.stage}}-{name}"
    _name_notifications(resources)
    _migrate_first(resources)
    if "aws_api_gateway_rest_api" in resources:
        _stage_by_itself(mended, service)
    mended["output"] = {**_outputs(resources), **mended.get("output", {})}
    return mended


def _name_notifications(resources: Template) -> None:
    """A notification is named by its bucket, but "${var.x}" is no name; and its permission comes first."""
    if "aws_s3_bucket_notification" not in resources:
        return
    # Chalice makes one a bucket, and S3 keeps one a bucket.
    (notification,) = resources["aws_s3_bucket_notification"].values()
    permissions = [
        f"aws_lambda_permission.{name}"
        for name, permission in resources["aws_lambda_permission"].items()
        if str(permission["principal"]).startswith("s3.")
    ]
    resources["aws_s3_bucket_notification"] = {"bucket": {**notification, "depends_on": sorted(permissions)}}


def _migrate_first(resources: Template) -> None:
    """Tables come before the code that needs them: the other functions change after `migrate` has succeeded.

    It is called again whenever the code is another, and when logins were made anew.
    """
    functions = resources["aws_lambda_function"]
    if "migrate" not in functions:
        return
    name = "${aws_lambda_function.migrate.function_name}"
    resources["aws_lambda_invocation"] = {
        "migrate": {
            "function_name": name,
            "input": json.dumps({"arguments": {}, "correlation_id": "terraform"}),
            "triggers": {
                "code": "${aws_lambda_function.migrate.source_code_hash}",
                "logins": "${var.logins}",
            },
            "lifecycle": {
                "postcondition": {
                    "condition": "${can(jsondecode(self.result).value)}",
                    "error_message": f"The function {name} answered with an error: see its log, mend what it "
                    "says, and apply again with -replace for this invocation. The others run as before.",
                }
            },
        }
    }
    for key, function in functions.items():
        if key != "migrate":
            function["depends_on"] = ["aws_lambda_invocation.migrate"]


def _stage_by_itself(mended: Template, service: str) -> None:
    """A deployment makes no stage any more: that is a resource of its own, and it has the log of requests."""
    resources = mended["resource"]
    resources["aws_api_gateway_rest_api"]["rest_api"]["name"] = f"{service}-${{var.stage}}"
    deployment = resources["aws_api_gateway_deployment"]["rest_api"]
    name = deployment.pop("stage_name")
    del deployment["stage_description"]
    deployment["triggers"] = {"api": "${sha256(local.chalice_api_swagger)}"}
    resources["aws_api_gateway_stage"] = {
        "rest_api": {
            "rest_api_id": "${aws_api_gateway_rest_api.rest_api.id}",
            "deployment_id": "${aws_api_gateway_deployment.rest_api.id}",
            "stage_name": name,
            "xray_tracing_enabled": True,
            "access_log_settings": {
                "destination_arn": "${var.access_log_arn}",
                "format": json.dumps(_LOG_FORMAT),
            },
        }
    }
    mended["output"] = {
        "api": {
            "description": "The REST API: its id, its stage, the stage's ARN and address",
            "value": {
                "id": "${aws_api_gateway_rest_api.rest_api.id}",
                "stage": "${aws_api_gateway_stage.rest_api.stage_name}",
                "stage_arn": "${aws_api_gateway_stage.rest_api.arn}",
                "address": "${aws_api_gateway_stage.rest_api.invoke_url}",
            },
        }
    }


def _outputs(resources: Template) -> Template:
    functions = {
        name: {
            "name": f"${{aws_lambda_function.{name}.function_name}}",
            "arn": f"${{aws_lambda_function.{name}.arn}}",
        }
        for name in sorted(resources["aws_lambda_function"])
    }
    return {
        "functions": {"description": "The name and ARN of each function", "value": functions},
    }


def variables(template: Mapping[str, Any]) -> Template:
    """The variables that a service's module asks for, typed, and with what they are for."""
    text = json.dumps(template)
    names = sorted(set(_VARIABLE.findall(text)))
    told = {
        "roles": "The ARN of each function's role, by function",
        "stage": "The environment, a part of every function's name",
        "access_log_arn": "The log group of the API's requests",
        "logins": "Another whenever logins were made anew; what migrates waits for them",
        "subnet_ids": "The subnets of the functions",
        "security_group_ids": "The security groups of the functions",
    }
    return {
        "variable": {
            name: {
                "type": _TYPES.get(name, "string"),
                "description": told.get(name, f"The functions' environment variable {name.upper()}"),
            }
            for name in names
        }
    }


def make_reproducible(package_file: Path, extra: Mapping[str, bytes] | None = None) -> None:
    """Write a zip anew: in order, without dates, with the same rights, and with `extra` files by name."""
    with zipfile.ZipFile(package_file) as old:
        files = {item.filename: old.read(item) for item in old.infolist() if not item.is_dir()}
    _write_zip(package_file, {**files, **(extra or {})})


def _write_zip(path: Path, files: Mapping[str, bytes]) -> None:
    new = path.with_suffix(".new")
    with zipfile.ZipFile(new, "w") as package_file:
        for name in sorted(files):
            # The oldest day that a zip can name.
            item = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            item.external_attr = 0o644 << 16
            item.compress_type = zipfile.ZIP_DEFLATED
            package_file.writestr(item, files[name])
    new.replace(path)


def certificates(service: str) -> dict[str, bytes]:
    """The certificates that go into this package, if it speaks to a server that Amazon signed for."""
    if service not in WITH_CERTIFICATES or not CERTIFICATES.exists():
        return {}
    return {PACKED_CERTIFICATES: CERTIFICATES.read_bytes()}


def _package(service: str, target: Path, home: Path, checkout: Path) -> Path:
    """One service: Chalice's package of a copy of it, mended."""
    filled = (checkout / service / ".chalice" / "config.json").read_text(encoding="utf-8")
    folder = deploy.build(service, filled, home, checkout)
    deploy.forget_packages(folder)
    out = folder / "terraform"
    shutil.rmtree(out, ignore_errors=True)
    command = ["package", "--stage", STAGE, "--pkg-format", "terraform", str(out)]
    log = home / f"{service}.log"
    with log.open("wb") as output:
        status = subprocess.run(
            [sys.executable, "-m", "local.chalice_runner", str(folder), str(deploy.PACKAGES), *command],
            cwd=ROOT,
            env=_environment(home),
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        ).returncode
    if status:
        last = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()[-1:]
        raise LocalError(f"{service} could not be packaged: {''.join(last)}\n  The whole story is in {log}.")
    zipped = out / "deployment.zip"
    make_reproducible(zipped, {**bytecode.compiled(zipped, folder), **certificates(service)})
    template = mend(json.loads((out / "chalice.tf.json").read_text(encoding="utf-8")), service)
    write_atomically(out / "chalice.tf.json", json.dumps(template, indent=2, sort_keys=True) + "\n")
    write_atomically(out / "variables.tf.json", json.dumps(variables(template), indent=2) + "\n")
    return _replace(out, target / service)


def _package_logins(target: Path) -> Path:
    """The function that makes logins: its files, and what pip finds for its requirements."""
    # What leaves files out of a package is a part of what it is made from.
    sources = (LOGINS / "requirements.txt", ROOT / "constraints.txt", Path(slim.__file__))
    kept = deploy.PACKAGES / f"logins-{_digest(*sources)}"
    if not kept.exists():
        new = kept.with_name(f"{kept.name}.{os.getpid()}.new")
        command = ["install", "--quiet", "--no-compile", "--target", str(new), "--only-binary", ":all:"]
        command += ["--platform", "manylinux2014_x86_64", "--requirement", str(LOGINS / "requirements.txt")]
        found = subprocess.run(
            [sys.executable, "-m", "pip", *command], capture_output=True, text=True, check=False
        )
        if found.returncode:
            shutil.rmtree(new, ignore_errors=True)
            raise LocalError(f"The function that makes logins could not be packaged: {found.stderr.strip()}")
        slim.leave_out_unused(new)
        shutil.rmtree(kept, ignore_errors=True)
        new.rename(kept)
    own = {name: (LOGINS / name).read_bytes() for name in ("logins.py", "privileges.sql")}
    files = dict(_files(kept)) | own | certificates("logins")
    with tempfile.TemporaryDirectory(dir=target) as temporary:
        out = Path(temporary) / "logins"
        out.mkdir()
        _write_zip(out / "deployment.zip", files)
        runtime = f"python{sys.version_info.major}.{sys.version_info.minor}"
        write_atomically(out / "built.json", json.dumps({"runtime": runtime}) + "\n")
        return _replace(out, target / "logins")


def package_storefront(target: Path, site: Path = SITE) -> Path:
    """Package the site into a folder of `target`: its page, and all else in a folder named by what is in it.

    So browsers and CloudFront may keep a file for ever, and nobody gets files of two versions together.
    """
    target.mkdir(parents=True, exist_ok=True)
    files = {**dict(_files(site)), **{f"vendor/{name}": body for name, body in _files(LIBRARIES)}}
    page = files.pop("index.html").decode()
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(f"{name}\0{len(files[name])}\0".encode() + files[name])
    version = digest.hexdigest()[:16]
    with tempfile.TemporaryDirectory(dir=target) as temporary:
        out = Path(temporary) / "storefront"
        for name, body in files.items():
            file = out / "site" / version / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(body)
        # Every address in the page is one of the site's own files.
        shown = re.sub(r' (src|href)="', rf' \1="{version}/', page)
        (out / "site" / "index.html").write_text(shown, encoding="utf-8")
        shutil.copy(HEADERS_FILE, out)
        return _replace(out, target / "storefront")


def _files(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in folder.rglob("*"):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path.relative_to(folder).as_posix(), path.read_bytes()


def _replace(new: Path, folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    shutil.move(new, folder)
    return folder


def _digest(*files: Path) -> str:
    digest = hashlib.sha256(sys.version.encode())
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:32]


def _environment(home: Path) -> dict[str, str]:
    temporary = home / "tmp"
    temporary.mkdir(parents=True, exist_ok=True)
    # No account's name or key is needed, and none goes in.
    own = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return own | {
        "AWS_DEFAULT_REGION": "us-east-1",
        "PYTHONPATH": str(ROOT),
        # Files that Python compiles while it imports the app must not end up in its package.
        "PYTHONPYCACHEPREFIX": str(TOOLS / "compiled"),
        # Nor is each to be compiled every time, where the shell forbids bytecode.
        "PYTHONDONTWRITEBYTECODE": "",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "TMPDIR": str(temporary),
    }

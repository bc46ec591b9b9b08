"""Each correction of the emulator: MiniStack has the defect still, and the shop's emulator has it not.

Where a test fails because MiniStack has mended something, its correction can go.
"""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx
import pytest
from attrs import frozen
from botocore.exceptions import ClientError, ParamValidationError

from local import processes
from local.api_gateway import add_problems
from local.emulator.credentials import REGION
from local.emulator.functions import MOST_PROCESSES
from local.emulator.server import address, mail_folder
from local.emulator.traces import record_of
from local.live.record import Record
from local.paths import ROOT
from tests.local.emulators import FETCH, Emulator, lines, until
from tests.local.shop_homes import new_home, quiet

WHERE = """
import os, sys
def handler(event, context):
    code = os.path.realpath(os.path.dirname(__file__))
    return {"python": sys.executable, "code": code, "env": dict(os.environ)}
"""
FAILS = "def handler(event, context):\n    raise LookupError('a secret')\n"
SILENT = "def handler(event, context):\n    return event\n"
TRACED = """
import os
def handler(event, context):
    return os.environ.get("_X_AMZN_TRACE_ID", "")
"""
CALLING = """
import boto3, json, os
def handler(event, context):
    boto3.client("sns").publish(TopicArn="{topic}", Message="of a trace")
    answer = boto3.client("lambda").invoke(FunctionName="traced")
    return [os.environ.get("_X_AMZN_TRACE_ID", ""), json.loads(answer["Payload"].read())]
"""
LOGGING = """
import json
def handler(event, context):
    print("no JSON")
    print(json.dumps({"message": "Handled", "order_id": "o-1"}))
"""
BUSY = "import os, time\ndef handler(event, context):\n    time.sleep(0.5)\n    return os.getpid()\n"
CLAIMS = """
import json
def handler(event, context):
    claims = event["requestContext"]["authorizer"]["claims"]
    return {"statusCode": 200, "body": json.dumps(claims)}
"""


@frozen
class Emulators:
    stock: Emulator
    ours: Emulator


@pytest.fixture(scope="module")
def emulators(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Emulators]:
    """MiniStack as it is published, and the shop's."""
    folder = tmp_path_factory.mktemp("emulators")
    both = [Emulator(new_home(folder / name), name == "ours") for name in ("stock", "ours")]
    try:
        with ThreadPoolExecutor() as pool:
            list(pool.map(Emulator.start, both))
        yield Emulators(*both)
    finally:
        for emulator in both:
            processes.stop(None, emulator.home, report=quiet)


def _refused(call: Any) -> bool:
    try:
        call()
    except ClientError:
        return True
    return False


def test_an_api_is_imported_and_overwritten(emulators: Emulators) -> None:
    """ImportRestApi makes an API with its resources, PutRestApi replaces them; MiniStack knows neither."""

    def specification(path: str) -> bytes:
        integration = {"type": "mock", "responses": {"default": {"statusCode": "200"}}}
        return json.dumps(
            {
                "swagger": "2.0",
                "info": {"title": "imported", "version": "1"},
                "paths": {path: {"get": {"x-amazon-apigateway-integration": integration}}},
                "x-amazon-apigateway-binary-media-types": ["application/pdf"],
            }
        ).encode()

    def paths(emulator: Emulator, api_id: str) -> set[str]:
        items = emulator.client("apigateway").get_resources(restApiId=api_id)["items"]
        return {item["path"] for item in items} - {"/"}

    made = emulators.stock.client("apigateway").import_rest_api(body=specification("/a"))
    assert not paths(emulators.stock, made["id"])
    made = emulators.ours.client("apigateway").import_rest_api(body=specification("/a"))
    assert made["binaryMediaTypes"] == ["application/pdf"]
    assert paths(emulators.ours, made["id"]) == {"/a"}
    emulators.ours.client("apigateway").put_rest_api(
        restApiId=made["id"], mode="overwrite", body=specification("/b")
    )
    assert paths(emulators.ours, made["id"]) == {"/b"}


def test_an_api_answers_in_problems(emulators: Emulators) -> None:
    """What API Gateway answers by itself: no such path, no such method, no token, a function that fails."""
    api = emulators.ours
    pool_arn, _ = api.pool()
    function = api.function("in-problems", FAILS)
    uri = f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{function}/invocations"
    integration = {"type": "aws_proxy", "httpMethod": "POST", "uri": uri}
    authorizer = {"type": "cognito_user_pools", "providerARNs": [pool_arn]}
    specification: dict[str, Any] = {
        "swagger": "2.0",
        "info": {"title": "in-problems", "version": "1"},
        "securityDefinitions": {
            "people": {
                "in": "header",
                "type": "apiKey",
                "name": "Authorization",
                "x-amazon-apigateway-authtype": "cognito_user_pools",
                "x-amazon-apigateway-authorizer": authorizer,
            }
        },
        "paths": {
            "/fails": {"get": {"x-amazon-apigateway-integration": integration}},
            "/mine": {"get": {"x-amazon-apigateway-integration": integration, "security": [{"people": []}]}},
        },
    }
    add_problems(specification)
    gateway = api.client("apigateway")
    made = gateway.import_rest_api(body=json.dumps(specification).encode())["id"]
    gateway.create_deployment(restApiId=made, stageName="api")
    address_of_api = f"{address(api.home)}/_aws/execute-api/{made}/api"
    answered = {
        (method, path): httpx.request(method, address_of_api + path, trust_env=False)
        for method, path in (("GET", "/nothing"), ("PUT", "/mine"), ("GET", "/mine"), ("GET", "/fails"))
    }
    assert {where: answer.json()["type"] for where, answer in answered.items()} == {
        ("GET", "/nothing"): "/problems/not-found",
        ("PUT", "/mine"): "/problems/method-not-allowed",
        ("GET", "/mine"): "/problems/unauthenticated",
        ("GET", "/fails"): "/problems/unexpected",
    }
    for answer in answered.values():
        assert answer.json()["status"] == answer.status_code
        assert answer.headers["content-type"] == "application/problem+json"
    assert answered["PUT", "/mine"].headers["allow"] == "GET"
    assert answered["GET", "/mine"].headers["www-authenticate"] == "Bearer"


def test_compression_can_be_switched_off(emulators: Emulators) -> None:
    """An API whose minimum compression size was set to nothing can be read; MiniStack answers a text."""

    def read(emulator: Emulator) -> Any:
        gateway = emulator.client("apigateway")
        api_id = gateway.create_rest_api(name="compressed")["id"]
        change = {"op": "replace", "path": "/minimumCompressionSize", "value": ""}
        gateway.update_rest_api(restApiId=api_id, patchOperations=[change])
        return gateway.get_rest_api(restApiId=api_id)

    with pytest.raises((ValueError, ParamValidationError)):
        read(emulators.stock)
    assert "minimumCompressionSize" not in read(emulators.ours)


def test_only_id_tokens_open_a_route(emulators: Emulators) -> None:
    """An access token is refused, and groups reach the function joined by commas; MiniStack does neither."""
    groups, accepted = {}, {}
    for emulator in (emulators.stock, emulators.ours):
        pool_arn, tokens = emulator.pool()
        url = emulator.api(emulator.function("claims", CLAIMS), pool_arn)
        answer = httpx.get(url, headers={"Authorization": tokens["IdToken"]}, trust_env=False)
        groups[emulator.corrected] = answer.json()["cognito:groups"]
        with_access_token = httpx.get(url, headers={"Authorization": tokens["AccessToken"]}, trust_env=False)
        accepted[emulator.corrected] = with_access_token.status_code
    assert accepted == {False: 200, True: 401}
    assert groups == {False: "[a b]", True: "a,b"}


def test_a_failing_function_tells_clients_nothing(emulators: Emulators) -> None:
    """Behind an API an exception becomes 502 without its text; MiniStack shows it."""
    texts = {}
    for emulator in (emulators.stock, emulators.ours):
        url = emulator.api(emulator.function("fails", FAILS))
        texts[emulator.corrected] = httpx.get(url, trust_env=False).text
    assert "a secret" in texts[False]
    assert json.loads(texts[True]) == {"message": "Internal server error"}


def test_a_failed_call_is_reported_as_by_lambda(emulators: Emulators) -> None:
    """The error's type is the exception's class; MiniStack names one for all."""
    types = {}
    for emulator in (emulators.stock, emulators.ours):
        emulator.function("fails-alone", FAILS)
        types[emulator.corrected] = emulator.call("fails-alone")["errorType"]
    assert types == {False: "Runtime.HandlerError", True: "LookupError"}


def test_functions_know_nothing_of_the_emulator(emulators: Emulators) -> None:
    """They have their own interpreter and no variable of the emulator's; packages are unpacked once."""
    seen = {}
    for emulator in (emulators.stock, emulators.ours):
        for name in ("where", "where-else"):
            emulator.function(name, WHERE)
            seen[emulator.corrected, name] = emulator.call(name)
    stock, ours = seen[False, "where"], seen[True, "where"]
    assert stock["python"] == sys.executable
    assert ours["python"] == str(ROOT / ".local" / "functions" / "bin" / "python")
    assert "GATEWAY_PORT" in stock["env"]
    assert not {"GATEWAY_PORT", "STATE_DIR", "AUTH", "PERSIST_STATE"} & ours["env"].keys()
    assert ours["env"]["AWS_ENDPOINT_URL"] == address(emulators.ours.home)
    assert stock["code"] != seen[False, "where-else"]["code"]
    assert ours["code"] == seen[True, "where-else"]["code"]


def test_a_function_has_only_boto3_beside_its_package(emulators: Emulators) -> None:
    """A package that the zip lacks is missed here, as it would be on AWS."""
    imports = (
        "import importlib.util as u\ndef handler(e, c):\n    return {n: bool(u.find_spec(n)) for n in e}\n"
    )
    emulators.ours.function("imports", imports)
    found = emulators.ours.call("imports", ["boto3", "attrs", "chalice", "ministack"])
    assert found == {"boto3": True, "attrs": False, "chalice": False, "ministack": False}


def test_calls_at_once_share_a_few_processes(emulators: Emulators) -> None:
    """A dozen calls of a function at once are done by four processes; MiniStack starts one for each."""
    for emulator in (emulators.stock, emulators.ours):
        emulator.function("busy", BUSY)
        with ThreadPoolExecutor(12) as crowd:
            answers = list(crowd.map(emulator.call, ["busy"] * 12))
        assert len(answers) == 12
        assert (len(set(answers)) <= MOST_PROCESSES) == emulator.corrected


def test_a_warm_call_does_not_wait_for_silence(emulators: Emulators) -> None:
    """A call of a warm function that logs nothing is answered at once; MiniStack waits 50 ms for lines."""
    fastest = {}
    for emulator in (emulators.stock, emulators.ours):
        emulator.function("silent", SILENT)
        times = []
        for _ in range(12):
            began = time.monotonic()
            emulator.call("silent")
            times.append(time.monotonic() - began)
        fastest[emulator.corrected] = statistics.quantiles(times)[0]
    assert fastest[False] > 0.05
    assert fastest[True] < fastest[False] / 2


def test_a_new_function_is_active_at_once(emulators: Emulators) -> None:
    """A function that was made is active when the call returns; MiniStack lets half a second pass."""
    states = {}
    for emulator in (emulators.stock, emulators.ours):
        emulator.function("first", SILENT)
        change = emulator.client("lambda").update_function_configuration(FunctionName="first", Timeout=9)
        states[emulator.corrected] = change["LastUpdateStatus"]
    assert states == {False: "InProgress", True: "Successful"}


def test_dead_letters_can_be_sent_again(emulators: Emulators) -> None:
    """A move task puts messages of a dead-letter queue back; MiniStack knows no such tasks."""
    moved = {}
    for emulator in (emulators.stock, emulators.ours):
        sqs = emulator.client("sqs")
        queues = {name: sqs.create_queue(QueueName=name)["QueueUrl"] for name in ("work", "dead")}
        arns = {
            name: sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"][
                "QueueArn"
            ]
            for name, url in queues.items()
        }
        sqs.send_message(QueueUrl=queues["dead"], MessageBody="once more")
        task = {"SourceArn": arns["dead"], "DestinationArn": arns["work"]}
        refused = _refused(lambda sqs=sqs, task=task: sqs.start_message_move_task(**task))
        received = sqs.receive_message(QueueUrl=queues["work"]).get("Messages", [])
        moved[emulator.corrected] = (refused, [message["Body"] for message in received])
    assert moved == {False: (True, []), True: (False, ["once more"])}


def test_a_topic_calls_a_function_as_sns_does(emulators: Emulators, tmp_path: Path) -> None:
    """The event has a Subject, if only null, and a failed call is made again; MiniStack does neither."""
    code = (
        "import json\n"
        "def handler(event, context):\n"
        "    record = event['Records'][0]['Sns']\n"
        "    file, fails = json.loads(record['Message'])\n"
        "    open(file, 'a').write(json.dumps('Subject' in record) + '\\n')\n"
        "    if fails: raise ValueError\n"
    )
    seen = {}
    for emulator in (emulators.stock, emulators.ours):
        arn = emulator.function("hears", code)
        topic = emulator.client("sns").create_topic(Name="news")["TopicArn"]
        emulator.client("sns").subscribe(TopicArn=topic, Protocol="lambda", Endpoint=arn)
        file = tmp_path / f"{emulator.corrected}.txt"
        emulator.client("sns").publish(TopicArn=topic, Message=json.dumps([str(file), emulator.corrected]))
        expected = 3 if emulator.corrected else 1
        until(lambda file=file, expected=expected: len(lines(file)) == expected)
        seen[emulator.corrected] = set(lines(file))
    assert seen == {False: {"false"}, True: {"true"}}


def test_a_mail_is_kept_whole(emulators: Emulators) -> None:
    """A sent mail is in the mail folder as it was sent, attachment included; MiniStack drops that."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "shop@shop.example", "ada@customers.example", "Ihre Rechnung"
    mail.set_content("Hier ist sie.")
    mail.add_attachment(b"%PDF-attached", maintype="application", subtype="pdf", filename="r.pdf")
    for emulator in (emulators.stock, emulators.ours):
        ses = emulator.client("sesv2")
        ses.create_email_identity(EmailIdentity="shop@shop.example")
        ses.send_email(Content={"Raw": {"Data": mail.as_bytes()}})
    listed = httpx.get(f"{address(emulators.stock.home)}/_ministack/ses/messages", trust_env=False).text
    assert "Ihre Rechnung" in listed
    assert not list(mail_folder(emulators.stock.home).glob("*"))
    (kept,) = mail_folder(emulators.ours.home).glob("*.eml")
    assert kept.read_bytes() == mail.as_bytes()


def test_the_log_names_no_address(emulators: Emulators) -> None:
    """Who got a mail does not stand in the emulator's log; MiniStack writes it there."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "hush@example.com", "secretly@example.com", "Hush"
    mail.set_content("For your eyes only.")
    for emulator in (emulators.stock, emulators.ours):
        ses = emulator.client("sesv2")
        ses.create_email_identity(EmailIdentity="hush@example.com")
        ses.send_email(
            FromEmailAddress="hush@example.com",
            Destination={"ToAddresses": ["secretly@example.com"]},
            Content={"Raw": {"Data": mail.as_bytes()}},
        )
        log = processes.log_file("aws", emulator.home).read_text(encoding="utf-8")
        assert ("secretly@example.com" in log) != emulator.corrected


def test_a_trace_goes_on_behind_calls_and_topics(emulators: Emulators) -> None:
    """A function that another one calls, and a message that a topic puts into a queue, are of one trace.

    MiniStack hands the header to the first function only.
    """
    for emulator in (emulators.stock, emulators.ours):
        topic = emulator.client("sns").create_topic(Name="traced")["TopicArn"]
        queue = emulator.client("sqs").create_queue(QueueName="traced")["QueueUrl"]
        attributes = emulator.client("sqs").get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])
        arn = attributes["Attributes"]["QueueArn"]
        raw = {"RawMessageDelivery": "true"}
        emulator.client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes=raw)
        policy = {
            "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": arn}]
        }
        emulator.client("sqs").set_queue_attributes(QueueUrl=queue, Attributes={"Policy": json.dumps(policy)})
        emulator.function("traced", TRACED)
        calling = CALLING.format(topic=topic)
        allowed = {"Action": ["sns:Publish", "lambda:InvokeFunction"], "Resource": "*"}
        emulator.function("calling", calling, allowed)
        for name in ("traced", "calling"):
            emulator.client("lambda").update_function_configuration(
                FunctionName=name, TracingConfig={"Mode": "Active"}
            )
        own, called = emulator.call("calling")
        received = emulator.client("sqs").receive_message(
            QueueUrl=queue, MessageSystemAttributeNames=["All"], WaitTimeSeconds=10
        )
        brought = received["Messages"][0].get("Attributes", {}).get("AWSTraceHeader", "")
        roots = {header.partition(";")[0] for header in (own, called, brought)}
        assert own.startswith("Root=1-")
        assert (len(roots) == 1) is (emulator is emulators.ours)


def test_what_happens_is_written_down(emulators: Emulators) -> None:
    """Each call, with what it logged and who called; by the corrected emulator only."""
    emulators.ours.function("logging", LOGGING)
    emulators.ours.call("logging")
    record = Record(record_of(emulators.ours.home / "aws"))
    [found] = [one for one in record.all() if one["kind"] == "call" and one["name"] == "logging"]
    assert found["lines"] == [{"message": "Handled", "order_id": "o-1"}]
    assert (found["cause"], found["parent"], found["failed"]) == ("call", "", False)
    assert not record_of(emulators.stock.home / "aws").exists()


def test_schedules_are_looked_at_each_second() -> None:
    """MiniStack looks at its schedules every ten seconds."""
    code = "from ministack.services import eventbridge as e; print(e._SCHEDULER_TICK_INTERVAL)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert float(said) > 1


def test_a_role_bounds_what_a_function_may_do(emulators: Emulators) -> None:
    """A function may do what its role's policy says on the resource that it names, and nothing else."""
    code = (
        "import boto3\n"
        "def handler(bucket, context):\n"
        "    try:\n"
        "        boto3.client('s3').put_object(Bucket=bucket, Key='k', Body=b'x')\n"
        "    except Exception as error:\n"
        "        return error.response['Error']['Code']\n"
    )
    for bucket in ("mine", "theirs"):
        emulators.ours.client("s3").create_bucket(Bucket=bucket)
    policy = {"Action": "s3:PutObject", "Resource": "arn:aws:s3:::mine/*"}
    emulators.ours.function("writes", code, policy)
    assert emulators.ours.call("writes", "mine") is None
    assert emulators.ours.call("writes", "theirs") == "AccessDenied"


def test_who_may_publish_may_publish_a_batch(emulators: Emulators) -> None:
    """AWS has no permission of its own for a batch; MiniStack asks for one."""
    code = (
        "import boto3\n"
        "def handler(topic, context):\n"
        "    entries = [{'Id': '1', 'Message': 'm'}]\n"
        "    try:\n"
        "        boto3.client('sns').publish_batch(TopicArn=topic, PublishBatchRequestEntries=entries)\n"
        "    except Exception as error:\n"
        "        return error.response['Error']['Code']\n"
    )
    outcomes = []
    for emulator in (emulators.stock, emulators.ours):
        topic = emulator.client("sns").create_topic(Name="batches")["TopicArn"]
        emulator.function("publishes", code, {"Action": "sns:Publish", "Resource": topic})
        outcomes.append(emulator.call("publishes", topic))
    assert outcomes == ["AuthorizationError", None]


def test_a_role_bounds_whom_mail_comes_from(emulators: Emulators) -> None:
    """A role may send mail from the identity that its policy names; MiniStack lets it send none at all."""
    code = (
        "import boto3\n"
        "def handler(sender, context):\n"
        "    content = {'Simple': {'Subject': {'Data': 's'}, 'Body': {'Text': {'Data': 't'}}}}\n"
        "    try:\n"
        "        boto3.client('sesv2').send_email(\n"
        "            FromEmailAddress=sender, Content=content,\n"
        "            Destination={'ToAddresses': ['to@shop.example']})\n"
        "    except Exception as error:\n"
        "        return error.response['Error']['Code']\n"
    )
    policy = {
        "Action": "ses:SendEmail",
        "Resource": "arn:aws:ses:*:*:identity/mine@shop.example",
        "Condition": {"StringEquals": {"ses:FromAddress": "mine@shop.example"}},
    }
    outcomes = []
    for emulator in (emulators.stock, emulators.ours):
        for sender in ("mine@shop.example", "theirs@shop.example"):
            emulator.client("sesv2").create_email_identity(EmailIdentity=sender)
        emulator.function("mails", code, policy)
        outcomes += [emulator.call("mails", f"{name}@shop.example") for name in ("mine", "theirs")]
    assert outcomes == ["AccessDeniedException", "AccessDeniedException", None, "AccessDeniedException"]


def test_a_whole_mail_asks_for_one_more_permission(emulators: Emulators) -> None:
    """SES asks for ses:SendRawEmail, too, for a mail that comes as a whole; MiniStack does not."""
    code = (
        "import boto3\n"
        "def handler(sender, context):\n"
        "    try:\n"
        "        boto3.client('sesv2').send_email(\n"
        "            FromEmailAddress=sender, Destination={'ToAddresses': [sender]},\n"
        "            Content={'Raw': {'Data': b'Subject: s\\r\\n\\r\\nt'}})\n"
        "    except Exception as error:\n"
        "        return str(error)\n"
    )
    ours = emulators.ours
    ours.client("sesv2").create_email_identity(EmailIdentity="whole@shop.example")
    ours.function("mails-whole", code, {"Action": "ses:SendEmail", "Resource": "*"})
    assert "ses:SendRawEmail" in ours.call("mails-whole", "whole@shop.example")
    _allow(ours, "mails-whole", {"Action": ["ses:SendEmail", "ses:SendRawEmail"], "Resource": "*"})
    assert ours.call("mails-whole", "whole@shop.example") is None


def test_messages_are_fetched_with_the_functions_role(emulators: Emulators, tmp_path: Path) -> None:
    """Without one of three permissions Lambda reads no queue for a function; MiniStack asks for none."""
    code = "def handler(event, context):\n    open(event['Records'][0]['body'], 'a').write('called\\n')\n"
    called = []
    for emulator in (emulators.stock, emulators.ours):
        sqs, note = emulator.client("sqs"), tmp_path / str(emulator.corrected)
        queue = sqs.create_queue(QueueName="fetched")["QueueUrl"]
        arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        few = {**FETCH, "Action": FETCH["Action"][1:]}
        emulator.function("fetches", code, few)
        emulator.client("lambda").create_event_source_mapping(EventSourceArn=arn, FunctionName="fetches")
        sqs.send_message(QueueUrl=queue, MessageBody=str(note))
        if emulator.corrected:
            log = emulator.home / "logs" / "aws.log"
            until(
                lambda log=log: "fetches is not authorized to perform: sqs:ReceiveMessage" in log.read_text()
            )  # type: ignore[misc]
        else:
            until(lambda note=note: lines(note))  # type: ignore[misc]
        called.append(lines(note))
        _allow(emulator, "fetches", FETCH)
        until(lambda note=note: lines(note))  # type: ignore[misc]
    assert called == [["called"], []]


def test_logs_are_written_with_the_functions_role(emulators: Emulators) -> None:
    """What a function prints is in CloudWatch only where its role may write there; MiniStack asks nobody."""
    code = "def handler(event, context):\n    print(event)\n"
    kept = []
    for emulator in (emulators.stock, emulators.ours):
        emulator.function("prints", code)
        emulator.call("prints", "first")
        _allow(emulator, "prints", {"Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": "*"})
        emulator.call("prints", "second")
        found = emulator.client("logs").filter_log_events(logGroupName="/aws/lambda/prints")["events"]
        kept.append([event["message"] for event in found if event["message"] in ("first", "second")])
    assert kept == [["first", "second"], ["second"]]


def test_what_is_missing_is_told_to_those_who_may_list(emulators: Emulators) -> None:
    """S3 answers 404 only to them, and 403 to others, so that nobody learns what is there; MiniStack 404."""
    code = (
        "import boto3\n"
        "def handler(event, context):\n"
        "    told = []\n"
        "    for ask in (boto3.client('s3').get_object, boto3.client('s3').head_object):\n"
        "        try:\n"
        "            ask(Bucket='hidden', Key='k')\n"
        "        except Exception as error:\n"
        "            told.append(error.response['Error']['Code'])\n"
        "    return told\n"
    )
    read = {"Action": "s3:GetObject", "Resource": "arn:aws:s3:::hidden/*"}
    told = []
    for emulator in (emulators.stock, emulators.ours):
        emulator.client("s3").create_bucket(Bucket="hidden")
        emulator.function("asks", code, read)
        told.append(emulator.call("asks"))
    assert told == [["NoSuchKey", "404"], ["AccessDenied", "403"]]
    _allow(emulators.ours, "asks", {"Action": ["s3:GetObject", "s3:ListBucket"], "Resource": "*"})
    assert emulators.ours.call("asks") == ["NoSuchKey", "404"]


def _allow(emulator: Emulator, function: str, policy: dict[str, Any]) -> None:
    """Let the function's role do this, and no more."""
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **policy}]}
    emulator.client("iam").put_role_policy(
        RoleName=function, PolicyName="all", PolicyDocument=json.dumps(document)
    )

"""What the emulator has acknowledged is there again after `kill -9`."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from local import processes
from tests.local.emulators import FETCH, PASSWORD, Emulator, lines, until
from tests.local.shop_homes import new_home, quiet

# Notes that it begins, waits while there is a file named `hold`, and notes that it ends.
SLOW = """
import json, os, time
def handler(event, context):
    record = event["Records"][0] if "Records" in event else event
    folder = record.get("body") or record.get("Sns", {}).get("Message") or record["folder"]
    note = lambda word: open(folder + "/" + context.function_name, "a").write(word + "\\n")
    note("begins")
    while os.path.exists(folder + "/hold"):
        time.sleep(0.02)
    note("ends")
"""


@pytest.fixture
def emulator(tmp_path: Path) -> Iterator[Emulator]:
    running = Emulator(new_home(tmp_path / "shop"), corrected=True).start()
    yield running
    processes.stop(None, running.home, report=quiet)


def test_stock_forgets_all(tmp_path: Path) -> None:
    """MiniStack as it is published loses what came after its start: when it does not, `durable` can go."""
    stock = Emulator(new_home(tmp_path / "shop"), corrected=False).start()
    try:
        stock.client("secretsmanager").create_secret(Name="kept", SecretString="s")
        stock.client("sqs").create_queue(QueueName="kept")
        stock.kill()
        stock.start()
        assert not stock.client("secretsmanager").list_secrets()["SecretList"]
        assert not stock.client("sqs").list_queues().get("QueueUrls")
    finally:
        processes.stop(None, stock.home, report=quiet)


def test_every_acknowledged_write_survives(emulator: Emulator) -> None:
    """Messages (in order, once), secrets, users, objects, topics, roles and functions are as they were."""
    sqs, s3 = emulator.client("sqs"), emulator.client("s3")
    queue = sqs.create_queue(QueueName="work")["QueueUrl"]
    for number in range(30):
        sqs.send_message(QueueUrl=queue, MessageBody=str(number))
    gone = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=5)["Messages"]
    for message in gone:
        sqs.delete_message(QueueUrl=queue, ReceiptHandle=message["ReceiptHandle"])
    emulator.client("secretsmanager").create_secret(Name="login", SecretString="a")
    emulator.client("secretsmanager").put_secret_value(SecretId="login", SecretString="b")
    s3.create_bucket(Bucket="files")
    s3.put_object(Bucket="files", Key="a/b.pdf", Body=b"pdf", ContentType="application/pdf", IfNoneMatch="*")
    topic = emulator.client("sns").create_topic(Name="news")["TopicArn"]
    emulator.function("echo", "def handler(event, context):\n    return event\n")
    pool_arn, _ = emulator.pool()

    emulator.kill()
    emulator.start()

    received: list[str] = []
    while batch := sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages"):
        received += [message["Body"] for message in batch]
    expected = [str(number) for number in range(30) if str(number) not in {m["Body"] for m in gone}]
    assert received == expected
    assert emulator.client("secretsmanager").get_secret_value(SecretId="login")["SecretString"] == "b"
    kept = s3.get_object(Bucket="files", Key="a/b.pdf")
    assert (kept["Body"].read(), kept["ContentType"]) == (b"pdf", "application/pdf")
    with pytest.raises(s3.exceptions.ClientError, match="PreconditionFailed"):
        s3.put_object(Bucket="files", Key="a/b.pdf", Body=b"other", IfNoneMatch="*")
    assert topic in [found["TopicArn"] for found in emulator.client("sns").list_topics()["Topics"]]
    assert emulator.call("echo", {"a": 1}) == {"a": 1}
    cognito = emulator.client("cognito-idp")
    app = cognito.list_user_pool_clients(UserPoolId=pool_arn.rpartition("/")[2])["UserPoolClients"][0]
    signed_in = cognito.initiate_auth(
        ClientId=app["ClientId"],
        AuthFlow="USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "ada", "PASSWORD": PASSWORD},
    )
    assert signed_in["AuthenticationResult"]["IdToken"]


def test_writes_at_once_are_each_acknowledged_and_survive(emulator: Emulator) -> None:
    """A state that others change while it is saved fails nobody's call, and misses nobody's change."""
    pool = emulator.pool()[0].rpartition("/")[2]
    cognito = emulator.client("cognito-idp")
    names = [f"user-{number}" for number in range(150)]
    # Much to copy, so that a copy lasts longer than a thread's turn.
    attributes = [{"Name": f"custom:{number}", "Value": "x"} for number in range(40)]

    def create(name: str) -> None:
        cognito.admin_create_user(
            UserPoolId=pool, Username=name, MessageAction="SUPPRESS", UserAttributes=attributes
        )

    with ThreadPoolExecutor(20) as crowd:
        # A call that was carried out but answered by an error would be made again, and find the user there.
        list(crowd.map(create, names))
    emulator.kill()
    emulator.start()
    pages = cognito.get_paginator("list_users").paginate(UserPoolId=pool)
    assert {user["Username"] for page in pages for user in page["Users"]} >= set(names)


def test_work_that_a_kill_interrupted_is_done_again(emulator: Emulator, tmp_path: Path) -> None:
    """A message, an S3 event, a notification and an asynchronous call in progress run again to their end."""
    folder = tmp_path / "notes"
    folder.mkdir()
    hold = folder / "hold"
    hold.touch()
    sqs, sns, s3 = emulator.client("sqs"), emulator.client("sns"), emulator.client("s3")
    functions = emulator.client("lambda")
    arns = {name: emulator.function(name, SLOW) for name in ("by-topic", "by-call")}
    arns["by-queue"] = emulator.function("by-queue", SLOW, FETCH)
    code = SLOW.replace('or record["folder"]', "or record['s3']['bucket']['name'] and FOLDER")
    arns["by-bucket"] = emulator.function("by-bucket", f"FOLDER = {str(folder)!r}\n{code}")
    queue = sqs.create_queue(QueueName="work", Attributes={"VisibilityTimeout": "600"})["QueueUrl"]
    queue_arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"][
        "QueueArn"
    ]
    functions.create_event_source_mapping(EventSourceArn=queue_arn, FunctionName="by-queue")
    topic = sns.create_topic(Name="news")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=arns["by-topic"])
    s3.create_bucket(Bucket="files")
    configuration = {"LambdaFunctionArn": arns["by-bucket"], "Events": ["s3:ObjectCreated:*"]}
    s3.put_bucket_notification_configuration(
        Bucket="files", NotificationConfiguration={"LambdaFunctionConfigurations": [configuration]}
    )

    sqs.send_message(QueueUrl=queue, MessageBody=str(folder))
    sns.publish(TopicArn=topic, Message=str(folder))
    s3.put_object(Bucket="files", Key="a", Body=b"")
    payload = json.dumps({"folder": str(folder)}).encode()
    functions.invoke(FunctionName="by-call", InvocationType="Event", Payload=payload)
    until(lambda: all(lines(folder / name) == ["begins"] for name in arns))
    emulator.kill()
    emulator.start()
    until(lambda: all(lines(folder / name).count("begins") == 2 for name in arns))
    hold.unlink()
    until(lambda: all("ends" in lines(folder / name) for name in arns))
    counted = "ApproximateNumberOfMessages"
    until(
        lambda: sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["All"])["Attributes"][counted] == "0"
    )

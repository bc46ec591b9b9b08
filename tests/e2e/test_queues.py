"""The queues of the running shop when their messages cannot be handled."""

from collections.abc import Iterator
from contextlib import contextmanager

from local.provision import PAYMENT_QUEUES
from tests.e2e.books import balanced, waiting
from tests.e2e.running import SECONDS_PER_MINUTE, RunningShop, attached, eventually


def test_a_message_that_nobody_can_read(shop: RunningShop) -> None:
    """After five tries it waits in the dead-letter queue; sent again from there, it comes back there."""
    queue = PAYMENT_QUEUES["order"]
    dead_letters = f"{queue}-dead-letters"
    with _impatient(shop):
        shop.aws("sqs").send_message(QueueUrl=_url(shop, queue), MessageBody="this is no event")
        eventually("the dead letter", lambda: waiting(shop, dead_letters) == 1)
        assert waiting(shop, queue) == 0
        _send_again(shop, dead_letters)
        eventually("it to be tried again", lambda: waiting(shop, queue) == 1)
        eventually("the dead letter", lambda: waiting(shop, dead_letters) == 1)
    sqs = shop.aws("sqs")
    answer = sqs.receive_message(
        QueueUrl=_url(shop, dead_letters), MessageSystemAttributeNames=["ApproximateReceiveCount"]
    )
    assert [message["Body"] for message in answer["Messages"]] == ["this is no event"]
    sqs.purge_queue(QueueUrl=_url(shop, dead_letters))
    assert balanced(shop)


def test_a_store_that_is_away_for_longer_than_five_tries(shop: RunningShop) -> None:
    """Paid meanwhile, an order waits in the dead-letter queues; sent again from there, it is finished."""
    person = shop.person()
    order_id = person.ordered((shop.product(), 1))
    page = person.shop.checkout(order_id)
    dead_letters = [f"{queue}-dead-letters" for queue in PAYMENT_QUEUES.values()]
    with _impatient(shop):
        with _locked_out(shop, "order"):
            person.shop.press(page, "pay")
            eventually("the dead letters", lambda: all(waiting(shop, queue) == 1 for queue in dead_letters))
        assert shop.invoices(order_id) == {}
        for queue in dead_letters:
            _send_again(shop, queue)
        person.sees(order_id, "delivering")
        mails = eventually("the mail", lambda: shop.mails(person.email))
    assert attached(mails) == list(shop.invoices(order_id).values())
    assert balanced(shop)


@contextmanager
def _impatient(shop: RunningShop) -> Iterator[None]:
    """Lets a message that was not handled come again after a second."""
    patience = {"VisibilityTimeout": str(3 * SECONDS_PER_MINUTE)}
    queues = [_url(shop, queue) for queue in PAYMENT_QUEUES.values()]
    try:
        for url in queues:
            shop.aws("sqs").set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "1"})
        yield
    finally:
        for url in queues:
            shop.aws("sqs").set_queue_attributes(QueueUrl=url, Attributes=patience)


@contextmanager
def _locked_out(shop: RunningShop, service: str) -> Iterator[None]:
    """Takes the service its way into its database, also from where it is in already."""
    with shop.database("postgres", "postgres") as database:
        database.run(f'ALTER ROLE "{service}" NOLOGIN')
        database.run("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = :n", n=service)
        try:
            yield
        finally:
            database.run(f'ALTER ROLE "{service}" LOGIN')


def _send_again(shop: RunningShop, dead_letters: str) -> None:
    sqs = shop.aws("sqs")
    url = _url(shop, dead_letters)
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sqs.start_message_move_task(SourceArn=arn)


def _url(shop: RunningShop, queue: str) -> str:
    url: str = shop.aws("sqs").get_queue_url(QueueName=queue)["QueueUrl"]
    return url

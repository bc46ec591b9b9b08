"""Make in the emulator what Terraform makes on AWS: identities, messaging, storage, secrets, roles.

Made twice, nothing changes: what is there already and right is left alone, what differs is put right.
"""

import json
import secrets
import string
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, cast

from attrs import field, frozen
from botocore.exceptions import ClientError

from local.emulator.clients import client, user_pool_address
from local.emulator.credentials import ACCOUNT_ID, REGION
from local.emulator.server import address
from local.paths import HOME, ROOT, write_atomically
from local.postgres import Logins, owner_of
from local.services import CONSUMERS

STAGE = "local"
POLICIES = ROOT / "terraform" / "policies"
POOL = "shop"
OPERATORS = "operators"
PAYMENT_TOPIC = "cdc-payment-created"
MAIL_EVENTS_TOPIC = "mail-events"
PAYMENT_QUEUES = {service: f"{service}-payments" for service in CONSUMERS}
MAX_RECEIVE_COUNT = 5
# Six times the 30 seconds that the queue handlers may take, as Lambda's documentation asks for.
VISIBILITY_SECONDS = 180
FOURTEEN_DAYS = 14 * 24 * 3600
INVOICE_BUCKET = "shop-invoices-local"
MAIL_SENDER = "orders@shop.example"
ORDER_MINUTES_TO_PAY = 30
ORDER_MINUTES_TO_ARCHIVE = 0
ARCHIVE_KEYSPACE = "shop"
SELLER = {
    "seller_name": "The Serverless Shop",
    "seller_address": "Example Street 1;12345 Exampleton;Exampleland",
    "seller_tax_id": "EX123456789",
}
# User name, full name, mail address, group.
USERS = (
    ("zoe", "Zoë Ångström", "zoe@customers.example", None),
    ("nguyen", "Nguyễn Thị Hương", "nguyen@customers.example", None),
    ("eleni", "Ελένη Παπαδοπούλου", "eleni@customers.example", None),
    ("olga", "Ольга Операторова", "olga@shop.example", OPERATORS),
)


@frozen
class User:
    """A user of the pool who can sign in."""

    name: str
    password: str = field(repr=False)
    email: str
    is_operator: bool


@frozen
class Resources:
    """What exists in the emulator after provisioning."""

    user_pool_id: str
    client_id: str
    payment_topic_arn: str
    mail_events_topic_arn: str
    invoice_bucket: str
    checkout_return_url: str
    order_minutes_to_pay: int
    endpoint: str
    user_pool_endpoint: str
    users: Sequence[User]

    @property
    def user_pool_arn(self) -> str:
        return f"arn:aws:cognito-idp:{REGION}:{ACCOUNT_ID}:userpool/{self.user_pool_id}"

    @property
    def issuer(self) -> str:
        """The `iss` of the pool's tokens."""
        return f"https://cognito-idp.{REGION}.amazonaws.com/{self.user_pool_id}"

    @property
    def keys_url(self) -> str:
        """Where the pool's public keys can be had on this machine."""
        return f"{self.user_pool_endpoint}/{self.user_pool_id}/.well-known/jwks.json"

    def variables(self, service: str) -> dict[str, str]:
        """What stands for each `${var.NAME}` in .chalice/config.json of this service.

        The names: stage, roles.FUNCTION for each function, subnet_ids and security_group_ids (empty: this
        machine has no network of its own), user_pool_arn, token_issuer, token_audience, token_keys_url,
        database_secret, database_owner_secret, catalog_secret, catalog_owner_secret, archive_secret,
        payment_provider_secret, payment_topic_arn, payment_queue (a name), invoice_bucket, mail_sender,
        mail_events_topic (a name), checkout_return_url, order_minutes_to_pay, order_minutes_to_place,
        order_minutes_to_archive, stock_buckets, payment_live, mail_server, seller_name, seller_address,
        seller_tax_id.
        The databases' secrets, payment_queue and the roles differ from service to service; payment_queue is
        missing where a service has no queue.
        """
        queue = {"payment_queue": PAYMENT_QUEUES[service]} if service in PAYMENT_QUEUES else {}
        roles = {
            f"roles.{function}": f"arn:aws:iam::{ACCOUNT_ID}:role/{role_name(service, function)}"
            for function in granted()[service]
        }
        return {
            "stage": STAGE,
            "subnet_ids": "",
            "security_group_ids": "",
            "user_pool_arn": self.user_pool_arn,
            "token_issuer": self.issuer,
            "token_audience": self.client_id,
            "token_keys_url": self.keys_url,
            **secret_names(service),
            "payment_topic_arn": self.payment_topic_arn,
            "invoice_bucket": self.invoice_bucket,
            "mail_sender": MAIL_SENDER,
            "mail_events_topic": MAIL_EVENTS_TOPIC,
            "checkout_return_url": self.checkout_return_url,
            "order_minutes_to_pay": str(self.order_minutes_to_pay),
            "order_minutes_to_place": "5",
            "stock_buckets": "1",
            "payment_live": "false",
            "mail_server": "",
            "order_minutes_to_archive": str(ORDER_MINUTES_TO_ARCHIVE),
            **SELLER,
            **queue,
            **roles,
        }


def secret_names(service: str) -> dict[str, str]:
    """The names of the secrets, by the variable that names each."""
    return {
        "database_secret": f"shop/{service}/database",
        "database_owner_secret": f"shop/{service}/database-owner",
        "catalog_secret": "shop/product/catalog",
        "catalog_owner_secret": "shop/product/catalog-owner",
        "archive_secret": "shop/order/archive",
        "payment_provider_secret": "shop/payment/provider",
    }


def role_name(service: str, function: str) -> str:
    """The name of a function's own role."""
    return f"shop-{STAGE}-{service}-{function}"


def provision(
    *,
    databases: Mapping[str, Logins],
    catalog: Mapping[str, object],
    archive: Mapping[str, object],
    provider: Mapping[str, object],
    checkout_return_url: str,
    order_minutes_to_pay: int = ORDER_MINUTES_TO_PAY,
    visibility_seconds: int = VISIBILITY_SECONDS,
    home: Path = HOME,
) -> Resources:
    """Make everything that is missing, side by side, and return what there is.

    `databases` has, for each service with a database, how its two users log in; `catalog` {"uri",
    "database"}; `archive` {"contact_points", "port", "keyspace", "local_datacenter", "tls"}; `provider`
    {"api_key", "webhook_secrets", "api_base"}.
    A message that was received and not handled comes again after `visibility_seconds`.
    Passwords of the seeded users are made once and kept in users.json of `home`.
    """
    kept: dict[str, Mapping[str, object]] = {}
    for service, logins in databases.items():
        names = secret_names(service)
        kept |= {
            names["database_secret"]: {**logins.application},
            names["database_owner_secret"]: {**logins.owner},
        }
    names = secret_names("product")
    # The stand-in for MongoDB has no users: whoever knows where it is may do everything.
    kept |= {names["catalog_secret"]: catalog, names["catalog_owner_secret"]: catalog}
    kept |= {names["archive_secret"]: archive, names["payment_provider_secret"]: provider}
    passwords = _passwords(home)
    # boto3 makes clients one at a time; their calls may then be made side by side.
    cognito, sns, sqs, s3, secret_store, ses, iam = (
        client(name, home) for name in ("cognito-idp", "sns", "sqs", "s3", "secretsmanager", "sesv2", "iam")
    )
    with ThreadPoolExecutor(8) as pool:
        pool_and_client = pool.submit(_user_pool, cognito, passwords)
        topics = pool.submit(_messaging, sns, sqs, visibility_seconds)
        others = [
            pool.submit(_bucket, s3),
            pool.submit(keep_secrets, secret_store, kept),
            pool.submit(_mail, ses),
            *[
                pool.submit(_role, iam, service, function)
                for service, functions in granted().items()
                for function in functions
            ],
        ]
        user_pool_id, client_id = pool_and_client.result()
        payment_topic_arn, mail_events_topic_arn = topics.result()
        for other in others:
            other.result()
    users = [User(name, passwords[name], email, group == OPERATORS) for name, _, email, group in USERS]
    return Resources(
        user_pool_id=user_pool_id,
        client_id=client_id,
        payment_topic_arn=payment_topic_arn,
        mail_events_topic_arn=mail_events_topic_arn,
        invoice_bucket=INVOICE_BUCKET,
        checkout_return_url=checkout_return_url,
        order_minutes_to_pay=order_minutes_to_pay,
        endpoint=address(home),
        user_pool_endpoint=user_pool_address(home),
        users=tuple(users),
    )


def _passwords(home: Path) -> dict[str, str]:
    """A password for each seeded user, by name."""
    file = home / "users.json"
    known: dict[str, str] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    missing = [name for name, *_ in USERS if name not in known]
    if missing:
        known |= {name: _password() for name in missing}
        write_atomically(file, json.dumps(known, indent=2) + "\n", mode=0o600)
    return known


def _password() -> str:
    """A random password with a character of each kind that the pool's policy asks for."""
    kinds = (string.ascii_lowercase, string.ascii_uppercase, string.digits, "-_.")
    characters = [secrets.choice(kind) for kind in kinds]
    characters += [secrets.choice(string.ascii_letters + string.digits) for _ in range(16)]
    secrets.SystemRandom().shuffle(characters)
    return "".join(characters)


def _user_pool(cognito: Any, passwords: Mapping[str, str]) -> tuple[str, str]:
    """The ids of the pool and of its client, with the seeded users in it."""
    found = [p for p in cognito.list_user_pools(MaxResults=60)["UserPools"] if p["Name"] == POOL]
    if found:
        pool_id: str = found[0]["Id"]
    else:
        pool_id = cognito.create_user_pool(
            PoolName=POOL,
            AliasAttributes=["email"],
            AutoVerifiedAttributes=["email"],
            UsernameConfiguration={"CaseSensitive": False},
            Policies={
                "PasswordPolicy": {
                    "MinimumLength": 12,
                    "RequireLowercase": True,
                    "RequireUppercase": True,
                    "RequireNumbers": True,
                    "RequireSymbols": False,
                }
            },
        )["UserPool"]["Id"]
    clients = cognito.list_user_pool_clients(UserPoolId=pool_id, MaxResults=60)["UserPoolClients"]
    client_ids = [c["ClientId"] for c in clients if c["ClientName"] == POOL]
    if not client_ids:
        made = cognito.create_user_pool_client(
            UserPoolId=pool_id,
            ClientName=POOL,
            GenerateSecret=False,
            ExplicitAuthFlows=[
                "ALLOW_USER_PASSWORD_AUTH",
                "ALLOW_USER_SRP_AUTH",
                "ALLOW_REFRESH_TOKEN_AUTH",
            ],
            PreventUserExistenceErrors="ENABLED",
        )
        client_ids = [made["UserPoolClient"]["ClientId"]]
    groups = {group["GroupName"] for group in cognito.list_groups(UserPoolId=pool_id)["Groups"]}
    if OPERATORS not in groups:
        cognito.create_group(UserPoolId=pool_id, GroupName=OPERATORS)
    users = {user["Username"]: user for user in cognito.list_users(UserPoolId=pool_id)["Users"]}
    for name, full_name, email, group in USERS:
        user = users.get(name)
        if user is None:
            cognito.admin_create_user(
                UserPoolId=pool_id,
                Username=name,
                MessageAction="SUPPRESS",
                UserAttributes=[
                    {"Name": "email", "Value": email},
                    {"Name": "email_verified", "Value": "true"},
                    {"Name": "name", "Value": full_name},
                ],
            )
        # A run that ended in between left a user who still has to choose a password.
        if user is None or user["UserStatus"] != "CONFIRMED":
            if group:
                cognito.admin_add_user_to_group(UserPoolId=pool_id, Username=name, GroupName=group)
            cognito.admin_set_user_password(
                UserPoolId=pool_id, Username=name, Password=passwords[name], Permanent=True
            )
    return pool_id, client_ids[0]


def _messaging(sns: Any, sqs: Any, visibility_seconds: int) -> tuple[str, str]:
    """The ARNs of the two topics, with the queues of the first one behind it."""
    payments: str = sns.create_topic(Name=PAYMENT_TOPIC)["TopicArn"]
    mail_events: str = sns.create_topic(Name=MAIL_EVENTS_TOPIC)["TopicArn"]
    subscribed = {
        subscription["Endpoint"]
        for page in sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=payments)
        for subscription in page["Subscriptions"]
    }
    for name in PAYMENT_QUEUES.values():
        dead_letters = _queue(sqs, f"{name}-dead-letters", {"MessageRetentionPeriod": str(FOURTEEN_DAYS)})
        redrive = {"deadLetterTargetArn": dead_letters, "maxReceiveCount": MAX_RECEIVE_COUNT}
        attributes = {
            "VisibilityTimeout": str(visibility_seconds),
            "MessageRetentionPeriod": str(FOURTEEN_DAYS),
            "RedrivePolicy": json.dumps(redrive),
            "Policy": json.dumps(_may_send(payments, f"arn:aws:sqs:{REGION}:{ACCOUNT_ID}:{name}")),
        }
        queue = _queue(sqs, name, attributes)
        if queue not in subscribed:
            # Raw: the queue holds the event as it was published, without SNS's envelope around it.
            sns.subscribe(
                TopicArn=payments,
                Protocol="sqs",
                Endpoint=queue,
                Attributes={"RawMessageDelivery": "true"},
            )
    return payments, mail_events


def _queue(sqs: Any, name: str, attributes: Mapping[str, str]) -> str:
    """The ARN of the queue, which has these attributes."""
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    current = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    if any(current.get(key) != value for key, value in attributes.items()):
        sqs.set_queue_attributes(QueueUrl=url, Attributes=dict(attributes))
    arn: str = current["QueueArn"]
    return arn


def _may_send(topic_arn: str, queue_arn: str) -> dict[str, object]:
    """The policy of a queue that takes messages of this topic, and of nobody else."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "sns.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": queue_arn,
                "Condition": {"ArnEquals": {"aws:SourceArn": topic_arn}},
            }
        ],
    }


def _bucket(s3: Any) -> None:
    with _unless("404"):
        s3.head_bucket(Bucket=INVOICE_BUCKET)
        return
    s3.create_bucket(Bucket=INVOICE_BUCKET)
    s3.put_public_access_block(
        Bucket=INVOICE_BUCKET,
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": True,
            "IgnorePublicAcls": True,
            "BlockPublicPolicy": True,
            "RestrictPublicBuckets": True,
        },
    )


def keep_secrets(store: Any, wanted: Mapping[str, Mapping[str, object]]) -> None:
    """Let the store of secrets hold these values by name. `store` is a boto3 client."""
    for name, values in wanted.items():
        text = json.dumps(values)
        current = None
        with _unless("ResourceNotFoundException"):
            current = store.get_secret_value(SecretId=name)["SecretString"]
        if current is None:
            store.create_secret(Name=name, SecretString=text)
        elif current != text:
            store.put_secret_value(SecretId=name, SecretString=text)


def _mail(ses: Any) -> None:
    # Not by a list: that call has moved to another address, which not every emulator knows.
    with _unless("NotFoundException"):
        ses.get_email_identity(EmailIdentity=MAIL_SENDER)
        return
    ses.create_email_identity(EmailIdentity=MAIL_SENDER)


def _role(iam: Any, service: str, function: str) -> None:
    name = role_name(service, function)
    trust = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    with _unless("EntityAlreadyExists"):
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
    wanted = policy(service, function)
    current = None
    with _unless("NoSuchEntity"):
        current = iam.get_role_policy(RoleName=name, PolicyName=function)["PolicyDocument"]
    if current != wanted:
        iam.put_role_policy(RoleName=name, PolicyName=function, PolicyDocument=json.dumps(wanted))


@cache
def granted() -> dict[str, dict[str, list[str]]]:
    """The names of the statements in the policy of each function of each service, as Terraform reads them."""
    text = (POLICIES / "functions.json").read_text(encoding="utf-8")
    return cast(dict[str, dict[str, list[str]]], json.loads(text))


def policy(service: str, function: str) -> dict[str, Any]:
    """What a function may do: the statements that terraform/policies gives it, their places filled in."""
    text = (POLICIES / "statements.json").read_text(encoding="utf-8")
    # The same ${name} that Terraform's templatefile fills in.
    statements = json.loads(
        string.Template(text).substitute(
            region=REGION,
            account_id=ACCOUNT_ID,
            stage=STAGE,
            function_name="-".join((service, STAGE, *([] if function == "api_handler" else [function]))),
            **secret_names(service),
            # Nobody stands before the database on this machine: it takes the password.
            database_proxy="none",
            database_user=service,
            database_owner=owner_of(service),
            archive_keyspace=ARCHIVE_KEYSPACE,
            payment_queue=PAYMENT_QUEUES.get(service, ""),
            payment_topic_arn=f"arn:aws:sns:{REGION}:{ACCOUNT_ID}:{PAYMENT_TOPIC}",
            invoice_bucket=INVOICE_BUCKET,
            mail_identity=MAIL_SENDER,
            mail_sender=MAIL_SENDER,
        )
    )
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": name, **{key: value for key, value in statements[name].items() if key != "Why"}}
            for name in granted()[service][function]
        ],
    }


@contextmanager
def _unless(code: str) -> Iterator[None]:
    """Go on behind the block when AWS answers in it with this error.

    By its code, since the classes of botocore's errors are not the same in two threads that first use them.
    """
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] != code:
            raise

"""Logging in at RDS Proxy as a function's role, which needs no password."""

from attrs import evolve

from common.aws.signature import EMPTY, Signer
from common.clock import SystemClock
from common.settings import Aws, load

_SECONDS = 900


def database_token(host: str, port: int, username: str, region: str) -> str:
    """What stands for the password of this user, for a connection that is made within 15 minutes.

    It is signed with the function's role and asks nobody: a role that may not log in finds out when it does.
    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.Connecting.html
    """
    signer = Signer(evolve(load(Aws), aws_region=region), "rds-db", SystemClock().now())
    address = f"{host}:{port}"
    asked = {"Action": "connect", "DBUser": username}
    return address + signer.link("/", asked, address, _SECONDS, EMPTY)

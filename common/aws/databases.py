"""Logging in at RDS Proxy as a function's role, which needs no password."""

from common.aws.clients import client


def database_token(host: str, port: int, username: str, region: str) -> str:
    """What stands for the password of this user, for a connection that is made within 15 minutes.

    It is signed with the function's role and asks nobody: a role that may not log in finds out when it does.
    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.Connecting.Python.html
    """
    token: str = client("rds").generate_db_auth_token(
        DBHostname=host, Port=port, DBUsername=username, Region=region
    )
    return token

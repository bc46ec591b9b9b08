"""What goes wrong, told to the person who typed the command; and the exit status of each end."""

from enum import IntEnum


class Status(IntEnum):
    """How a command ended."""

    WELL = 0
    FAILED = 1
    TYPED_WRONG = 2
    FOUND = 3
    """It did its work, and found something that somebody should look at."""


class OperationError(Exception):
    """Its text is one clear sentence: what is wrong and what to do. It is printed alone."""


def sentence(error: Exception) -> str | None:
    """What to say of an error that the shop or AWS may raise; None of any other."""
    from botocore import exceptions

    from common.errors import Invalid, ShopError
    from local.errors import LocalError

    match error:
        case Invalid() if error.errors:
            return f"{error} {'; '.join(f'{one.field} {one.detail}' for one in error.errors)}."
        case ShopError() | OperationError() | LocalError():
            return str(error)
        case exceptions.ProfileNotFound():
            return f"{error}: see `aws configure list-profiles`."
        case exceptions.NoCredentialsError() | exceptions.PartialCredentialsError():
            return "There are no credentials for AWS. Name a --profile, or sign in with `aws sso login`."
        case exceptions.NoRegionError():
            return "No region is set. Name it with --region, or in the profile."
        case exceptions.ClientError():
            told = str(error.response["Error"].get("Message", "")).rstrip(".")
            code = error.response["Error"].get("Code", "")
            return f"AWS refused {error.operation_name}: {told or code}."
        case (
            exceptions.EndpointConnectionError() | exceptions.ConnectionError() | exceptions.HTTPClientError()
        ):
            return "AWS does not answer. On this machine, run make up; else look at the network."
        case exceptions.BotoCoreError():
            return f"AWS could not be asked: {error}"
    return None

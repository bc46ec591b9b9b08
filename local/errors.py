"""What goes wrong on one machine, told to the person who typed the command."""


class LocalError(Exception):
    """Its text is one clear sentence: what is wrong and what to do. The command line prints it alone."""


def sentence(error: Exception) -> str | None:
    """What to say of an error that a store, the emulator or a service may raise; None of any other."""
    # They take a second to import, which only a command that failed need wait for.
    import botocore.exceptions
    import httpx
    import pg8000.exceptions

    from common.errors import ShopError

    match error:
        case ShopError():
            return str(error)
        case botocore.exceptions.ClientError():
            told = str(error.response["Error"]["Message"]).rstrip(".")
            return f"The AWS emulator refused {error.operation_name}: {told}."
        case botocore.exceptions.ConnectionError() | botocore.exceptions.HTTPClientError():
            return "The AWS emulator does not answer; run make up."
        case pg8000.exceptions.InterfaceError():
            return "Postgres does not answer; run make up."
        case httpx.TransportError():
            return "The shop does not answer; run make up."
    return None

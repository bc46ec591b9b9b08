"""Migrations of the stores, by the services that own them."""

from operations.errors import OperationError, Status
from operations.place import HERE, Place, functions
from operations.say import Json, Yes, as_json, confirm, details, say


def migrate(*services: str, json: Json = False, yes: Yes = False, place: Place = HERE) -> Status:
    """Bring the tables and indexes of the services' stores to what their deployed packages ask for.

    Migrations that were applied are left alone; each of the others is applied once, in order.

    Parameters
    ----------
    services
        Names of services; all that have a store, where none is named.
    """
    owners = [service for service, names in functions().items() if "migrate" in names]
    if strangers := sorted(set(services) - set(owners)):
        raise OperationError(f"Only {', '.join(owners)} have a store to migrate, not {', '.join(strangers)}.")
    chosen = [service for service in owners if service in services or not services]
    if not json or not yes:
        confirm(f"In {place.name}, the migrations of {', '.join(chosen)} are applied that are missing.", yes)
    applied = {service: place.call(service, "migrate") for service in chosen}
    if json:
        as_json(applied)
        return Status.WELL
    for service, names in applied.items():
        say(f"{service:12} {details(', '.join(names)) or 'nothing was missing'}")
    return Status.WELL

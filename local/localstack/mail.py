"""SES for LocalStack in its second version, which its free edition lacks."""

from pathlib import Path
from typing import Any

from localstack.aws.skeleton import Skeleton
from localstack.aws.spec import load_service
from localstack.services.moto import call_moto
from localstack.services.plugins import SERVICE_PLUGINS, Service

from local.emulator.mail import keep


def second_version(folder: Path) -> None:
    """Serve SES v2 by the moto that LocalStack brings along and serves other services by.

    Each raw mail is kept, as it was sent, as MESSAGE-ID.eml in the folder.
    """
    model = load_service("sesv2")

    def operation(context: Any, request: Any) -> Any:
        answer = call_moto(context)
        if context.operation.name == "SendEmail":
            keep(folder, answer["MessageId"], request["Content"]["Raw"]["Data"])
        return answer

    SERVICE_PLUGINS.api_provider_specs["sesv2"] = ["default"]
    operations = dict.fromkeys(model.operation_names, operation)
    SERVICE_PLUGINS.add_service(Service("sesv2", skeleton=Skeleton(model, operations)))

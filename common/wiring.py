"""What the six wiring.py share: parts that are made when they are first asked for."""

from functools import cached_property
from typing import Any

from common.aws.functions import LambdaFunctions
from common.aws.metrics import LoggedMetrics
from common.aws.secrets import ManagedSecrets
from common.clock import RandomIds, SystemClock
from common.ports.clock import Clock, Ids
from common.ports.functions import Functions
from common.ports.metrics import Metrics
from common.ports.secrets import Secrets


class Wiring:
    """The parts of a service, by name. Each is made on first use, so that an import connects to nothing.

    Parts that are handed in stand in the place of those that would be made: that is how a test, or
    another way of running the shop, changes what stands behind a port.
    """

    settings: Any

    def __init__(self, **parts: object) -> None:
        vars(self).update(parts)

    @cached_property
    def clock(self) -> Clock:
        return SystemClock()

    @cached_property
    def ids(self) -> Ids:
        return RandomIds()

    @cached_property
    def secrets(self) -> Secrets:
        return ManagedSecrets()

    @cached_property
    def metrics(self) -> Metrics:
        return LoggedMetrics(self.settings.shop_stage)

    @cached_property
    def functions(self) -> Functions:
        return LambdaFunctions(self.settings.shop_stage)

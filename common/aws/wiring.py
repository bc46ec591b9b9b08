"""What is alike in the wiring of the services that customers call."""

from functools import cached_property

from common.aws.tokens import CognitoTokens
from common.ports.identity import Tokens
from common.wiring import Wiring


class TokensWiring(Wiring):
    """A wiring whose settings are `common.settings.Tokens`."""

    @cached_property
    def tokens(self) -> Tokens:
        pool = self.settings
        return CognitoTokens(pool.token_issuer, pool.token_audience, pool.token_keys_url, self.clock)

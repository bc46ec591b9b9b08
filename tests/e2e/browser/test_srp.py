"""The storefront's own SRP, held against pycognito's: the same numbers, whatever the padding."""

import base64
import random
from types import SimpleNamespace
from typing import Any

from pycognito import AWSSRP
from pycognito.aws_srp import N_HEX

from tests.e2e.browser.window import Window

_PROVE = """
const [pool, asked, done] = arguments;
import("/srp.js").then(async ({ begin, prove }) => {
  const answers = [];
  for (const { password, secret, parameters, timestamp } of asked) {
    const begun = begin(BigInt(secret));
    const proof = await prove({ pool, password, begun, parameters, now: new Date(timestamp) });
    answers.push([begun.shared, proof]);
  }
  done(answers);
});
"""
POOL = "us-east-1_Abc123XYZ"


def test_proofs_are_those_of_another_implementation(window: Window) -> None:
    """For twenty passwords of all scripts, and numbers that begin with zeros and ones."""
    chance = random.Random(20261126)
    asked: list[dict[str, Any]] = []
    expected: list[list[Any]] = []
    for number in range(20):
        password = "".join(chance.choices("aZ0-ßđ例🔑", k=12))
        theirs = AWSSRP("zoe", password, POOL, "client", client=SimpleNamespace())
        theirs.small_a_value = chance.getrandbits(1024 - number)
        theirs.large_a_value = theirs.calculate_a()
        parameters = {
            "USERNAME": "zoe",
            "USER_ID_FOR_SRP": chance.choice(["zoe", "01a218d5-d07a-75e2", "Зоя"]),
            "SALT": f"{chance.getrandbits(128 - number % 4) | 1 << 120:x}",
            "SRP_B": f"{chance.getrandbits(3072 - number) % int(N_HEX, 16):x}",
            "SECRET_BLOCK": base64.b64encode(chance.randbytes(100)).decode(),
        }
        proof = theirs.process_challenge(parameters, {"USERNAME": "zoe"})
        expected.append([f"{theirs.large_a_value:x}", proof])
        asked.append(
            {
                "password": password,
                "secret": str(theirs.small_a_value),
                "parameters": parameters,
                "timestamp": proof["TIMESTAMP"],
            }
        )
    window.go()
    assert window.chrome.execute_async_script(_PROVE, POOL, asked) == expected

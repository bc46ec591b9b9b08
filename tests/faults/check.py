"""Runs seeds until the books do not balance, in a process of its own.

python -m tests.faults.check LOGINS COUNT FIRST: LOGINS is a JSON object of databases by service; of the seeds
1 to COUNT, FIRST is the first. Prints what is wrong and ends with 1, or with 0 if nothing is.
"""

import json
import logging
import sys

from common.repositories.postgres.database import Login
from tests.faults.runs import run


def main(logins: str, count: int, first: int) -> int:
    logging.disable()
    databases = {service: Login(**login) for service, login in json.loads(logins).items()}
    for seed in (first, *(seed for seed in range(1, count + 1) if seed != first)):
        wrong = run(seed, databases).wrong
        if wrong:
            print(f"seed {seed}: {wrong[0]}")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], *map(int, sys.argv[2:])))

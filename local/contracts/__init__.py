"""The shop's contracts as documents, made from the code: docs/api/openapi.json and docs/api/asyncapi.json.

Nothing here is imported by a service. `python -m local contracts` is where it begins.
"""

import sys

from local.paths import ROOT
from local.services import SERVICES

# Each service has a part of the package `chalicelib`, beside those of the others.
sys.path += [folder for service in SERVICES if (folder := str(ROOT / service)) not in sys.path]

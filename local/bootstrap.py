"""Prepare this checkout: `python3 local/bootstrap.py`, run by the Makefile before anything else.

Written so that every Python can read it, however old: the first thing it does is to say which one it needs.
"""

import os
import sys

if sys.version_info < (3, 11):  # noqa: UP036 - an older one is just what this is about
    sys.exit(
        "The shop needs Python 3.11 or newer, and this one is %s. "  # noqa: UP031
        "Name a newer one, for example: make demo PYTHON=python3.13" % sys.version.split()[0]
    )

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from local import install

sys.exit(install.main())

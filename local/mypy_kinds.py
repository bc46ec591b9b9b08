"""Tells mypy that the classes of `common.kinds` are made by attrs, in the way that its documentation names:
https://www.attrs.org/en/stable/extending.html#wrapping-the-decorator
"""

from mypy.plugin import Plugin
from mypy.plugins.attrs import attr_define_makers, attr_frozen_makers

attr_frozen_makers.add("common.kinds.value")
attr_define_makers.add("common.kinds.service")


def plugin(_version: str) -> type[Plugin]:
    return Plugin

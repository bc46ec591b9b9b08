"""What a route declares that it may refuse with is what its code may raise."""

import pytest

from common import errors
from common.ports import provider
from common.web import problems
from local.contracts.routes import EVERYWHERE, Route, routes
from tests.api.refusals import refusals


def types_of(names: frozenset[str]) -> set[str]:
    """The types of problems that errors of these names are answered as."""
    modules = (errors, problems, provider)
    classes = [getattr(module, name) for name in names for module in modules if hasattr(module, name)]
    return {problems.type_of(error).name for error in classes}


@pytest.mark.parametrize("route", routes(), ids=lambda route: f"{route.method} {route.path}")
def test_a_route_declares_what_its_code_may_raise(route: Route) -> None:
    """And no more than that, but for what every route may answer."""
    raised = types_of(refusals(route.service, route.view.__name__))
    declared = {problems.type_of(error).name for error in route.refusals}
    everywhere = {problems.type_of(error).name for error in EVERYWHERE}
    assert raised - declared == set(), "is raised, and not declared"
    assert declared - everywhere - raised == set(), "is declared, and never raised"

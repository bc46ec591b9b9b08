"""Whoever is woken by an alarm finds what to look at and what to do."""

import re

from tests.apps import ROOT
from tests.terraform.conftest import Environment
from tests.terraform.made import made

RUNBOOKS = ROOT / "docs" / "runbooks"


# What somebody decides to do, and no alarm asks for.
UNASKED = {"rotate-secrets.md"}


def test_each_alarm_names_its_runbook_and_each_runbook_has_an_alarm(environment: Environment):
    """The description of an alarm says which file; each other file is named by an alarm."""
    alarms = made(environment("prod").states["applied"]).of("aws_cloudwatch_metric_alarm")
    named = set()
    for address, alarm in alarms.items():
        found = re.search(r"docs/runbooks/([a-z-]+\.md)$", alarm["alarm_description"])
        assert found, address
        named.add(found[1])
        assert alarm["alarm_actions"], address
    assert named | UNASKED == {path.name for path in RUNBOOKS.glob("*.md")}


def test_what_is_looked_for_in_a_log_is_written_there(environment: Environment):
    """Each filter of a log looks for a message that the function's service logs, in the very same words."""
    state = made(environment("prod").states["applied"])
    filters = state.of("aws_cloudwatch_log_metric_filter").values()
    assert filters
    alarmed = {(a["namespace"], a["metric_name"]) for a in state.of("aws_cloudwatch_metric_alarm").values()}
    for one in filters:
        sought = re.fullmatch(r'\{ \$\.message = "(.+)" \}', one["pattern"])
        assert sought, one["pattern"]
        service = one["log_group_name"].removeprefix("/aws/lambda/").split("-")[0]
        sources = (ROOT / service / "chalicelib").rglob("*.py")
        assert any(f'"{sought[1]}"' in path.read_text(encoding="utf-8") for path in sources), sought[1]
        [to] = one["metric_transformation"]
        assert (to["namespace"], to["name"]) in alarmed


def test_a_runbook_says_what_to_look_at_and_what_to_do():
    """Each has both, in this order, and leads nowhere that is not."""
    for path in RUNBOOKS.glob("*.md"):
        text = path.read_text(encoding="utf-8")
        assert 0 < text.index("\n## Look\n") < text.index("\n## Do\n"), path.name
        for target in re.findall(r"\]\(([^)#:]+)\)", text):
            assert (path.parent / target).exists(), f"{path.name} leads to {target}"

import pytest

from runner.errors import PlaybookError
from runner.playbook_check import parse_playbook, parse_playbook_text
from tests.runner.incidents import TOOLS, playbook_json, triage

GOOD = """\
values:
  key: {from: "steps.look.result.flag"}
steps:
  - read: look
    tool: trace_lookup
    params: {service: {from: "alert.service"}}
  - finding: found
    when: "steps.look.result.share >= `0.5`"
    text: "{key} it is"
    values: {key: {from: "values.key"}}
    cites: [look]
  - propose: turn_off
    tool: toggle_feature_flag
    params: {flag_key: {from: "values.key"}}
    reason_code: incident_mitigation
    summary: "Turn it off"
    cites: [look]
"""


def parse(text: str) -> None:
    parse_playbook_text(text, tools=TOOLS, path="p.yaml")


def test_json_and_yaml_are_the_same() -> None:
    """The gateway hands over JSON; a file is YAML."""
    assert parse_playbook(playbook_json()) == triage()


def test_the_good_one_is_good() -> None:
    """Nothing in the base of the cases below is wrong."""
    parse(GOOD)


@pytest.mark.parametrize(
    ("old", "new", "line", "what"),
    [
        ("steps.look.result.share", "steps.lok.result.share", 8, "steps.lok"),
        ("steps.look.result.share", "steps.turn_off.proposed", 8, "steps.turn_off"),
        ("steps.look.result.share", "steps.look.reslt", 8, "steps.look.reslt"),
        ("alert.service", "alrt.service", 6, "alrt"),
        ("alert.service", "alert.servce", 6, "alert.servce"),
        ('"values.key"}}\n    cites', '"values.kay"}}\n    cites', 10, "values.kay"),
        (">= `0.5`", ">>= `0.5`", 8, "no JMESPath"),
        ("steps.look.result.share >= `0.5`", "shout(task.title)", 8, "shout"),
        ("steps.look.result.share >= `0.5`", "`false`", 8, "can't be reached"),
        ("tool: trace_lookup", "tool: drop_table", 5, "drop_table"),
        ("tool: toggle_feature_flag", "tool: reboot", 13, "reboot"),
        ("cites: [look]\n  - propose", "cites: [lok]\n  - propose", 11, "cites lok"),
        ("propose: turn_off", "propose: found", 12, "stands twice"),
        ('"{key} it is"', '"{kay} it is"', 7, "key"),
        ("reason_code: incident_mitigation", "reason: x", 12, "reason_code"),
        ("{flag_key: {from:", "{flag_key: {form:", 14, "params"),
        (
            '    when: "steps.look.result.share >= `0.5`"\n',
            "    then: finish\n",
            12,
            "can't be reached",
        ),
        ('"steps.look.result.flag"', '"values.later"', 2, "values.later"),
    ],
)
def test_a_bad_playbook_does_not_load(old: str, new: str, line: int, what: str) -> None:
    """Each mistake is located and named."""
    assert old in GOOD
    with pytest.raises(PlaybookError, match=what) as caught:
        parse(GOOD.replace(old, new, 1))

    assert (caught.value.path, caught.value.line) == ("p.yaml", line)


def test_tools_are_checked_only_where_known() -> None:
    """Without a list any tool may be named."""
    parse_playbook_text(GOOD.replace("trace_lookup", "anything"))

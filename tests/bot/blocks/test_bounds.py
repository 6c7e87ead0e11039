"""What an edit must be beside its other fields and the time, said at the field."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from bot.blocks.bounds import check_together, held
from bot.blocks.modals import EditForm
from gateway.tools.catalog import all_tools
from tests.samples import a_proposal

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp()
SPAN = {"pipeline": "feed", "from_at": "2026-03-01T10:00:00Z"}
SLOW = {"target": "thread:1", "friction_type": "slow_mode"}


def schema_of(tool: str) -> Mapping[str, object]:
    return next(one for one in all_tools().specs if one.name == tool).params_schema


@pytest.mark.parametrize(
    ("tool", "params", "said"),
    [
        ("start_backfill", {**SPAN, "to_at": "2026-03-01T11:00:00Z"}, ""),
        ("start_backfill", {**SPAN, "to_at": "2026-03-01T10:00:00Z"}, "after From"),
        ("start_backfill", {**SPAN, "to_at": "2026-03-08T10:00:00Z"}, ""),
        ("start_backfill", {**SPAN, "to_at": "2026-03-08T10:01:00Z"}, "7 days at most"),
        ("schedule_campaign", {"starts_at": "2026-03-01T12:05:00Z"}, ""),
        ("schedule_campaign", {"starts_at": "2026-03-01T12:04:00Z"}, "5 minutes and"),
        ("schedule_campaign", {"starts_at": "2026-03-31T12:01:00Z"}, "30 days"),
        ("apply_friction", {**SLOW, "expires_at": "2026-03-02T12:00:00Z"}, ""),
        ("apply_friction", {**SLOW, "expires_at": "2026-03-01T12:00:00Z"}, "1 second"),
        ("apply_friction", {**SLOW, "expires_at": "2026-03-08T12:01:00Z"}, "7 days"),
        ("apply_friction", {**SLOW, "expires_at": None}, "Fill this in."),
        (
            "apply_friction",
            {**SLOW, "friction_type": "none", "expires_at": None},
            "",
        ),
    ],
)
def test_a_field_is_held_against_the_others_and_the_time(
    tool: str, params: Mapping[str, object], said: str
) -> None:
    """As the gateway would refuse it later, with its bounds."""
    found = check_together(schema_of(tool), params, now=NOON)

    assert ([said] if said else []) == [
        said for one in found.values() if said and said in one
    ]
    assert bool(said) is bool(found)


@pytest.mark.parametrize(
    ("asked", "block"), [(["param:to_at"], "param:to_at"), ([], "comment")]
)
def test_it_is_said_at_a_field_that_the_form_has(asked: list[str], block: str) -> None:
    """A form that shows what was changed alone has no other field."""
    late = {**SPAN, "to_at": "2026-03-01T09:00:00Z"}
    stored = a_proposal(
        params={**SPAN, "to_at": "2026-03-01T11:00:00Z"},
        params_schema=schema_of("start_backfill"),
    )
    form = EditForm(late, "bad_data", "", {})
    found = held(stored, form, {one: {} for one in asked}, now=NOON)

    assert [block] == list(found.errors)
    assert "after From" in found.errors[block]


def test_an_error_of_one_field_comes_first() -> None:
    """Of what can't be read nothing more is said."""
    form = EditForm({}, "", "", {"param:to_at": "Choose day and time."})

    assert form == held(a_proposal(), form, {}, now=NOON)

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policy.facts import Phase, facts_json, parse_facts
from tests.policy.shipped import approval_facts, toggle_facts


@given(
    st.sampled_from(Phase),
    st.lists(st.text(max_size=5), max_size=3),
    st.dictionaries(st.text(max_size=5), st.integers() | st.booleans() | st.text()),
)
def test_call_facts_come_back_unchanged(
    phase: Phase, people: list[str], params: dict[str, int | bool | str]
) -> None:
    """Stored as JSON and read again, facts are equal."""
    facts = replace(
        toggle_facts(), phase=phase, approvals=tuple(people), params=dict(params)
    )

    assert parse_facts(json.loads(json.dumps(facts_json(facts)))) == facts


def test_approval_facts_come_back_unchanged() -> None:
    """Stored as JSON and read again, facts are equal."""
    facts = replace(approval_facts(), approvals=("second",))

    assert parse_facts(json.loads(json.dumps(facts_json(facts)))) == facts


def test_missing_facts_are_refused() -> None:
    """What can't be read back is an error and never a default."""
    with pytest.raises(ValueError, match="environment"):
        parse_facts({"about": "call"})

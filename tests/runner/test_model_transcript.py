"""What a transcript says of itself."""

from runner.model_transcript import Done, Told
from runner.transcript import Asked, Refused
from tests.runner.modelled import DASHBOARD, after, after_a_look, looked, said, use


def test_uses_wait_until_each_is_answered() -> None:
    """In the order of the turn."""
    first, second = use("a", {}, "t1.1"), use("b", {}, "t1.2")

    assert first == after(said(first, second)).waiting()
    assert second == after(said(first, second), Told("t1.1", "x")).waiting()
    both = after(said(first, second), Told("t1.1", "x"), looked("t1.2"))
    assert both.waiting() is None


def test_evidence_has_short_names_in_order() -> None:
    """Refused reads have none."""
    refused = Done("t1.2", "trace_lookup", {}, Refused("denied", "rule", "no"))
    transcript = after_a_look(refused, looked("t2.1"))

    assert ["E1", "E2"] == [name for name, _, _ in transcript.seen()]
    assert (3, 0) == (transcript.tool_calls, transcript.proposals)


def test_proposals_are_no_reads() -> None:
    """They are counted for themselves."""
    asked = Done("t2.1", "toggle", {}, Asked("needs_approval", "allow", "r", ""))

    assert (1, 1) == (
        after_a_look(asked).tool_calls,
        after_a_look(asked).proposals,
    )


def test_faults_count_back_to_a_turn_without() -> None:
    """Refused params and what the model is told as a fault; the latest first."""
    fault = Told("t1.1", "no JSON", is_fault=True)
    bad = Refused("invalid_params", "params-schema", "dashboard_id: too short")
    invalid = Done("t2.1", "get_dashboard_snapshot", DASHBOARD, bad)
    one, two = said(use("a", "{")), said(use("b", {}, "t2.1"), step="t2")

    assert ["no JSON"] == after(one, fault).faulty_turns()
    assert ["dashboard_id: too short", "no JSON"] == after(
        one, fault, two, invalid
    ).faulty_turns()
    assert [] == after(one, fault, two, looked("t2.1")).faulty_turns()

"""What a model's calls say, checked before anything is done."""

import pytest

from runner.model_words import Misused, draft, evidence_ids, look_again, parse_arguments
from runner.model_words import report as read_report
from tests.runner.modelled import after, after_a_look, proposal, report, use

SEEN = after_a_look()


@pytest.mark.parametrize("text", ["{", "[1]", "null", '"x"', "{'a': 1}"])
def test_arguments_that_are_no_object_are_named(text: str) -> None:
    """The model may mend it."""
    with pytest.raises(Misused, match="look: the arguments are no JSON"):
        parse_arguments(use("look", text))


def test_no_arguments_are_none() -> None:
    """Some endpoints send an empty text for them."""
    assert {} == parse_arguments(use("look", ""))


def test_a_proposal_names_evidence_that_was_read() -> None:
    """Short names become ids; its key is the use's."""
    made = draft(use("p", proposal(), "t2.1"), "toggle_feature_flag", SEEN)

    assert ("t2.1", ("evidence-t1.1",)) == (made.key, made.evidence_ids)
    assert {"flag_key": "new_ranker", "enabled": False, "rollout_percent": 0} == (
        made.params
    )


def test_evidence_that_is_not_there_is_named() -> None:
    """With what is."""
    with pytest.raises(Misused, match="no evidence is called E7: E1"):
        draft(use("p", proposal(evidence=["E7"])), "toggle_feature_flag", SEEN)
    with pytest.raises(Misused, match="none yet"):
        evidence_ids(use("p", {}), ("E1",), after())


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"confidence": 7}, "confidence"),
        ({"extra": 1}, "extra"),
        ({"params": 1}, "par"),
    ],
)
def test_a_proposal_of_another_shape_is_refused(
    changes: dict[str, object], field: str
) -> None:
    """With the field."""
    with pytest.raises(Misused, match=f"p: {field}"):
        draft(use("p", proposal(**changes)), "toggle_feature_flag", SEEN)


def test_a_report_cites_by_ids() -> None:
    """With the quotes that the gateway looks for."""
    made = read_report(use("report", report()), SEEN)

    assert ("evidence-t1.1",) == made.findings[0].evidence_ids
    assert ("0.182",) == made.findings[0].quotes
    assert () == made.unknowns


def test_not_knowing_says_what_was_looked_at() -> None:
    """Whatever the model itself says of it."""
    words = report(findings=[], unknowns=["The cause."])
    made = read_report(use("report", words), SEEN)

    assert "The cause." == made.unknowns[0]
    assert (
        "Looked at: get_dashboard_snapshot discourse-overview [E1]."
        == (made.unknowns[1])
    )


def test_a_part_of_what_was_read_is_given() -> None:
    """By a path; what is too long or no path is named."""
    path = "panels[?name == 'error_ratio'] | [0].current"
    part = look_again(use("look_again", {"evidence": "E1", "path": path}), SEEN)

    assert '{"evidence": "E1", "part": 0.182}' == part
    with pytest.raises(Misused, match="look_again"):
        look_again(use("look_again", {"evidence": "E1", "path": "a["}), SEEN)

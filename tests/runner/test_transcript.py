from runner.transcript import Transcript, render_answer
from tests.runner.incidents import asked, refused, seen


def test_a_transcript_is_never_changed() -> None:
    """Each answer makes a new one; reads are counted, refused ones too."""
    first = Transcript()
    second = first.with_answer("a", refused(), called=True)
    third = second.with_answer("b", seen("b", {}), called=True)

    assert [one.tool_calls for one in (first, second, third)] == [0, 1, 2]
    assert third.evidence_ids(("a", "b", "c")) == ("e-b",)


def test_answers_as_expressions_see_them() -> None:
    """One key says what became of the step."""
    keys = [set(render_answer(one)) for one in (seen("a", {}), refused(), asked())]

    assert keys == [{"evidence_id", "result"}, {"refused"}, {"proposed"}]

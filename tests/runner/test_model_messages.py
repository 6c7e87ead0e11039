"""A transcript as a chat: what is known, in the window, nothing cut in silence."""

import json

from pydantic import JsonValue

from runner.model_messages import Message, render_messages
from runner.model_transcript import Done, ModelTranscript, Told
from runner.transcript import Asked, Refused
from tests.runner.modelled import (
    MODEL,
    after,
    after_a_look,
    looked,
    said,
    session_with,
    use,
)


def contents(transcript: ModelTranscript, **model: object) -> list[Message]:
    session = session_with(MODEL.model_copy(update=model))
    return render_messages(session, transcript)


def test_it_begins_with_the_prompt_and_the_facts() -> None:
    """The task and its alerts are data, as JSON."""
    system, opening = contents(after())

    assert str(system["content"]).startswith("You triage discourse.")
    assert '"service": "discourse"' in str(opening["content"])


def test_a_result_stands_under_its_evidence() -> None:
    """With what the gateway left out of it."""
    [*_, result] = contents(after_a_look())
    found = json.loads(str(result["content"]))

    assert ("tool", "t1.1") == (result["role"], result["tool_call_id"])
    assert "E1" == found["evidence"]
    assert found["result"]["panels"]


def test_older_results_give_way_to_a_note() -> None:
    """The newest stays whole while there is room; the note says how to see more."""
    long: dict[str, JsonValue] = {"rows": ["x" * 40] * 50}
    transcript = after(
        said(use("a", {}, "t1.1")),
        looked("t1.1", {**long}),
        said(use("a", {}, "t2.1"), step="t2"),
        looked("t2.1", {**long}),
    )
    found = [
        json.loads(str(one["content"]))
        for one in contents(transcript, most_characters=3000)
        if one["role"] == "tool"
    ]

    assert "look_again gives any part" in found[0]["note"]
    assert "its keys: rows" in found[0]["note"]
    assert long == found[1]["result"]


def test_what_was_refused_and_proposed_is_told() -> None:
    """By code, rule and reason; a state, which may move on, is not."""
    refused = Done("t2.1", "a", {}, Refused("denied", "rule-1", "not here"))
    asked = Done("t2.2", "b", {}, Asked("needs_approval", "require_approval", "r", "w"))
    turn = said(use("a", {}, "t2.1"), use("b", {}, "t2.2"), step="t2")
    [*_, one, other] = contents(after_a_look(turn, refused, asked))

    assert {"refused": {"code": "denied", "message": "not here"}} == json.loads(
        str(one["content"])
    )
    assert "needs_approval" not in str(other["content"])


def test_plain_text_is_answered_as_a_person_would() -> None:
    """It has no call that an answer could belong to."""
    [*_, last] = contents(after(said(content="Hm."), Told("", "Call a function.")))

    assert {"role": "user", "content": "Call a function."} == last

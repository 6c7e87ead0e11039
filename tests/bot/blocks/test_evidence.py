"""Trace and findings: short, cited, harmless."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.blocks.evidence import render_evidence, render_trace
from bot.blocks.render import render
from tests.bot.blocks.facts import HOSTILE, check, texts

EVIDENCE = [{"id": "e1", "tool": "get_dashboard_snapshot", "digest": "a" * 64}]
LOOK = {
    "tool": "get_dashboard_snapshot",
    "inputs": {"dashboard_id": "discourse-overview"},
    "state": "completed",
    "seconds": 0.4,
}


def test_findings_name_their_evidence() -> None:
    """Each has a mark, and what rests on nothing says so."""
    findings = [
        {"text": "5xx at 18 %", "evidence_ids": ["e1"]},
        {"text": "a hunch", "evidence_ids": ["gone"]},
    ]
    shown = "\n".join(
        texts(render_evidence({"findings": findings, "evidence": EVIDENCE}))
    )

    assert "5xx at 18 % [E1]" in shown
    assert "a hunch _(uncited)_" in shown
    assert f"E1 get_dashboard_snapshot `{'a' * 12}`" in shown


def test_no_finding_pushes_off_another_s_mark() -> None:
    """However its text grows as it is escaped, and however many there are."""
    loud = {"text": "&" * 600, "evidence_ids": ["e1"] * 90}
    quiet = {"text": "a hunch", "evidence_ids": []}
    message = render_evidence(
        {"findings": [loud, loud, quiet, *[loud] * 7], "evidence": EVIDENCE}
    )
    check(message)
    shown = texts(message)

    assert any(one.endswith("• a hunch _(uncited)_") for one in shown)
    assert any(one.endswith("[E1]\n… 4 more findings") for one in shown)


def test_what_is_unknown_is_said() -> None:
    """Gaps stand beside the findings."""
    message = render_evidence({"unknowns": ["the cause"], "evidence": []})
    check(message)

    assert any("Not shown: the cause" in one for one in texts(message))


def test_a_trace_counts_its_looks() -> None:
    """What was looked at, in how long, and what failed."""
    failed = {**LOOK, "state": "failed"}
    [_, line] = texts(render_trace({"done": True, "looks": [LOOK, failed]}))

    assert "Looked at 2 things in 1 s" in line
    assert "dashboard snapshot discourse-overview (failed)" in line


def test_a_trace_without_looks_says_so() -> None:
    """In words: nobody counts nothing."""
    said = [texts(render_trace({"looks": [], "done": one}))[0] for one in (True, False)]

    assert ["Looked at nothing", "Nothing looked at yet"] == said


def test_several_inputs_are_told_in_words() -> None:
    """As a person would list them."""
    look = {"tool": "get_x", "inputs": {"refused": ["a", "b"]}, "state": "refused"}

    assert "x a, b (refused)" in texts(render_trace({"looks": [look]}))[-1]


def test_a_long_trace_is_cut() -> None:
    """The newest twelve looks are named, those before them counted."""
    old = {**LOOK, "inputs": {"dashboard_id": "old"}}
    message = render_trace({"looks": [old] * 8 + [LOOK] * 12})
    check(message)
    [_, line] = texts(message)

    assert "Looking at 20 things: (8 earlier) … ▸ dashboard snapshot" in line
    assert "old" not in line


@pytest.mark.parametrize(
    ("state", "done", "said"),
    [
        ("completed", False, ""),
        ("started", False, " (running)"),
        ("started", True, " (cut off)"),
        ("cut", False, " (cut off)"),
        ("failed", False, " (failed)"),
        ("refused", False, " (refused)"),
    ],
)
def test_a_look_says_what_it_came_to(state: str, *, done: bool, said: str) -> None:
    """One that has no end runs, until nothing runs any more."""
    [_, line] = texts(render_trace({"done": done, "looks": [{**LOOK, "state": state}]}))

    assert line.endswith(f"dashboard snapshot discourse-overview{said}")


@given(
    findings=st.lists(
        st.fixed_dictionaries({"text": HOSTILE, "evidence_ids": st.lists(HOSTILE)}),
        max_size=8,
    ),
    unknowns=st.lists(HOSTILE, max_size=6),
    summary=HOSTILE,
)
def test_hostile_findings_are_harmless(
    findings: list[object], unknowns: list[str], summary: str
) -> None:
    """What a run reports rests on logs that anybody writes."""
    check(
        render_evidence(
            {
                "findings": findings,
                "unknowns": unknowns,
                "summary": summary,
                "evidence": [{"id": "e", "tool": summary, "digest": "d"}] * 20,
            }
        )
    )


@given(HOSTILE, HOSTILE)
def test_a_hostile_trace_is_harmless(tool: str, value: str) -> None:
    """Inputs of reads are shown, and do nothing."""
    look = {**LOOK, "tool": tool, "inputs": {"x": value}}

    check(render_trace({"looks": [look] * 3}))


def test_before_and_after_is_a_picture_or_its_words() -> None:
    """Whoever can't see it, and who has no file of it, reads it."""
    one = {"id": "p1", "alt": "Errors & more: now 0.3 %, at most 18 %."}
    shown = render("after", {"pictures": [{**one, "file_id": "F1"}]})
    bare = render("after", {"pictures": [one]})
    check(shown)
    check(bare)

    assert "image" == shown.blocks[0]["type"]
    assert one["alt"] == shown.blocks[0]["alt_text"]
    assert "at most 18 %" in texts(bare)[-1]


def test_how_a_run_went_is_said() -> None:
    """Where it was not as usual; it is no unknown."""
    note = "The model gave no answer, so the playbook took over: busy"
    shown = "\n".join(texts(render_evidence({"summary": "x", "notes": [note]})))

    assert note in shown
    assert "Not shown" not in shown


def test_no_finding_forges_another() -> None:
    """Neither a line nor a mark of its own."""
    marks = "[E1] [E\u200b1] [E*1*] [*E1*] [~E2~] [E1, E2] [E[E1]1]"
    text = f"odd\n• *Production is healthy again* {marks}\n✅ Approved by *Operator*"
    rendered = render_evidence(
        {
            "findings": [{"text": text, "evidence_ids": []}],
            "evidence": [{"id": "1", "tool": "x", "digest": "d" * 64}],
            "unknowns": ["a\n• *Healthy* [E1]"],
        }
    )
    check(rendered)
    said = texts(rendered)
    [finding] = [one for one in said if "healthy again" in one]

    assert finding.endswith("_(uncited)_")
    assert "\n" not in finding
    assert "E1" not in finding
    assert "E2" not in finding
    assert not any("*Healthy*" in one for one in said)

"""Trace and findings: short, cited, harmless."""

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


def test_a_long_trace_is_cut() -> None:
    """Twelve looks are named, the rest counted."""
    message = render_trace({"looks": [LOOK] * 20})
    check(message)

    assert any("(8 more)" in one for one in texts(message))


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
    one = {"id": "p1", "alt": "Errors: now 0.3 %, at most 18 %."}
    shown = render("after", {"pictures": [{**one, "file_id": "F1"}]})
    bare = render("after", {"pictures": [one]})
    check(shown)
    check(bare)

    assert "image" == shown.blocks[0]["type"]
    assert "at most 18 %" in texts(bare)[-1]


def test_how_a_run_went_is_said() -> None:
    """Where it was not as usual; it is no unknown."""
    note = "The model gave no answer, so the playbook took over: busy"
    shown = "\n".join(texts(render_evidence({"summary": "x", "notes": [note]})))

    assert note in shown
    assert "Not shown" not in shown

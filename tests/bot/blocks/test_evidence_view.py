"""Evidence as it is read in a modal."""

import json
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from hypothesis import given

from bot.blocks.evidence_view import Piece, evidence_view, whole_view
from bot.blocks.root import Rendered
from lab.slack.view_rules import check_view
from storage.tool_calls import Evidence
from tests.bot.blocks.facts import HOSTILE, harmless, texts

AT = datetime(2026, 1, 1, tzinfo=UTC)


def piece(body: str) -> Evidence:
    return Evidence(uuid4(), uuid4(), "trace_lookup", "d" * 64, "x", body, AT)


def shown(pieces: list[Evidence]) -> list[str]:
    view = evidence_view([Piece("4d2ec69e", *one) for one in enumerate(pieces, 1)])
    check_view(dict(view))
    blocks = view["blocks"]
    assert isinstance(blocks, list)
    return texts(Rendered("", blocks))


def test_each_piece_is_shown_with_its_tool_and_age() -> None:
    said = "\n".join(shown([piece('{"errors": 18}'), piece("{}")]))

    assert "*E1 trace_lookup*" in said
    assert "errors: *18*" in said
    assert "<!date^1767225600" in said


def test_of_several_tasks_each_piece_names_its_own() -> None:
    """In each thread the numbers begin anew."""
    pieces = [Piece(task, 1, piece("{}")) for task in ("4d2ec69e", "5e3fd70f")]
    said = json.dumps(evidence_view(pieces), ensure_ascii=False)

    assert said.count("*E1 trace_lookup*") == 2
    assert "`4d2ec69e`" in said
    assert "`5e3fd70f`" in said


def test_more_than_fit_are_counted() -> None:
    assert "2 more are cited: E11, E12" in shown([piece("{}")] * 12)[-1]


def test_none_is_said() -> None:
    assert "no evidence" in shown([])[-1]


@given(HOSTILE)
def test_no_evidence_can_do_harm(body: str) -> None:
    """What systems say is written by strangers."""
    assert all(harmless(one) for one in shown([piece(body)]))


def test_a_long_list_is_told_by_its_first() -> None:
    """Nobody reads a wall of JSON on a phone."""
    rows = [{"key": f"k{n}", "share": n, "spans": [1, 2]} for n in range(9)]
    said = "\n".join(shown([piece(json.dumps({"suspects": rows, "failing": 11}))]))

    assert "suspects: 9, 6 not shown here" in said
    assert "• key k0, share 0" in said
    assert "k3" not in said
    assert "failing: *11*" in said


def rows_of(count: int) -> list[dict[str, object]]:
    return [{"key": f"flag_{n:02}", "share": n} for n in range(count)]


def test_what_findings_name_comes_first() -> None:
    """Wherever it stands in its list; the rest is counted, and a button shows it."""
    body = json.dumps({"at": "noon", "flags": rows_of(15)})
    said = ("5xx began 40 s after flag_11 went up",)
    view = evidence_view([Piece("4d2ec69e", 2, piece(body), "id.dd", said)])
    check_view(dict(view))
    text = "\n".join(texts(Rendered("", view["blocks"])))  # type: ignore[arg-type]

    assert (
        "flags: 15, 12 not shown here\n• key flag_11, share 11\n• key flag_00" in text
    )
    assert "flag_02" not in text
    assert text.index("flags: 15") < text.index("at: *noon*")
    assert "All of E2" in str(view)


def test_a_piece_is_shown_whole() -> None:
    """Every row of every list, however long; and what a view can't hold is said."""
    body = json.dumps({"flags": rows_of(300), "failing": 11})
    view = whole_view(Piece("4d2ec69e", 2, piece(body)))
    check_view(dict(view))
    text = "\n".join(texts(Rendered("", view["blocks"])))  # type: ignore[arg-type]
    huge = whole_view(Piece("4d2ec69e", 2, piece(json.dumps(["é" * 99] * 90_000))))
    check_view(dict(huge))

    assert 300 == text.count("• key flag_")
    assert "failing: *11*" in text
    assert "the rest is left out" in str(huge)


@given(HOSTILE)
def test_no_whole_piece_can_do_harm(body: str) -> None:
    """What systems say is written by strangers."""
    view = whole_view(Piece("4d2ec69e", 1, piece(json.dumps([body, {body: [body]}]))))
    check_view(dict(view))

    assert all(harmless(one) for one in texts(Rendered("", view["blocks"])))  # type: ignore[arg-type]


def test_an_instant_is_told_in_the_readers_zone() -> None:
    said = "\n".join(shown([piece('{"changed_at": 1790000000.5, "at": true}')]))

    assert "changed_at: *<!date^1790000000" in said
    assert "at: *True*" in said


def test_a_row_of_a_list_is_told_as_far_as_it_fits() -> None:
    """Its instants too, and never half of one."""
    row = {"key": "k", "changed_at": 1790000000, "note": "x" * 300, "more": 1}
    said = "\n".join(shown([piece(json.dumps({"flags": [row]}))]))

    assert "• key k, changed_at <!date^1790000000^" in said
    assert "note xxx" in said
    assert "x" * 120 not in said
    assert said.count("more 1") == 0


@pytest.mark.parametrize("body", ["", "plain words", "[1, 2]", '{"a": {}}'])
def test_a_body_of_another_shape_is_shown(body: str) -> None:
    assert shown([piece(body)])


def test_a_number_that_is_no_instant_stays_one() -> None:
    """``looked_at`` counts traces; an instant of another day is told with its day."""
    said = "\n".join(shown([piece('{"looked_at": 12, "read_at": 1790000000}')]))

    assert "looked_at: *12*" in said
    assert "read_at: *<!date^1790000000^{date_short_pretty} {time}|" in said

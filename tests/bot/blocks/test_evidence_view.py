"""Evidence as it is read in a modal."""

import json
import re
from datetime import UTC, datetime
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.blocks.evidence_view import Piece, evidence_view, whole_view
from bot.blocks.root import Rendered
from lab.slack.view_rules import check_view
from storage.tool_calls import Evidence
from tests.bot.blocks.facts import HOSTILE, harmless, texts

AT = datetime(2026, 1, 1, tzinfo=UTC)
VALUE = "id.dd"
WORDS = st.text("abc&<>é ", min_size=1, max_size=300)
BODIES = st.dictionaries(
    WORDS,
    st.recursive(
        WORDS | st.integers() | st.none(),
        lambda inner: (
            st.lists(inner, max_size=9) | st.dictionaries(WORDS, inner, max_size=9)
        ),
    ),
    max_size=20,
)


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


def test_more_than_fit_are_turned_to() -> None:
    """Each is reached, page by page, and back; each page is one that Slack takes."""
    pieces = [Piece("4d2ec69e", n, piece("{}"), VALUE) for n in range(1, 24)]
    seen, turns = [], []
    for after in (0, 10, 20, 99):
        view = evidence_view(pieces, after)
        check_view(dict(view))
        said = json.dumps(view, ensure_ascii=False)
        seen.append([n for n in range(1, 24) if f"*E{n} trace_lookup*" in said])
        turns.append(re.findall(r'"evidence:(\w+)".*?"value": "([^"]*)"', said))

    assert [[*range(1, 11)], [*range(11, 21)], [21, 22, 23], [*range(1, 11)]] == seen
    assert [
        [("more", f"10 {VALUE}")],
        [("back", f"0 {VALUE}"), ("more", f"20 {VALUE}")],
        [("back", f"10 {VALUE}")],
        [("more", f"10 {VALUE}")],
    ] == turns


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
    assert "• *k0*, share: 0, spans: [1, 2]" in said
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

    assert "flags: 15, 12 not shown here\n• *flag_11*, share: 11\n• *flag_00*" in text
    assert "flag_02" not in text
    assert text.index("flags: 15") < text.index("at: *noon*")
    assert "All of E2" in str(view)


def test_a_piece_is_shown_whole() -> None:
    """Every row of every list, however long."""
    body = json.dumps({"flags": rows_of(300), "failing": 11})
    view = whole_view(Piece("4d2ec69e", 2, piece(body)))
    check_view(dict(view))
    text = "\n".join(texts(Rendered("", view["blocks"])))  # type: ignore[arg-type]

    assert 300 == text.count("• key: flag_")
    assert "failing: *11*" in text


@given(HOSTILE)
def test_no_whole_piece_can_do_harm(body: str) -> None:
    """What systems say is written by strangers."""
    view = whole_view(Piece("4d2ec69e", 1, piece(json.dumps([body, {body: [body]}]))))
    check_view(dict(view))

    assert all(harmless(one) for one in texts(Rendered("", view["blocks"])))  # type: ignore[arg-type]


def test_an_instant_is_told_in_the_readers_zone() -> None:
    said = "\n".join(shown([piece('{"changed_at": 1790000000.5, "at": true}')]))

    assert "changed at: *<!date^1790000000" in said
    assert "at: *True*" in said


def test_a_row_of_a_list_is_told_as_far_as_it_fits() -> None:
    """Its instants too, and never half of one."""
    row = {"key": "k", "changed_at": 1790000000, "note": "x" * 300, "more": 1}
    said = "\n".join(shown([piece(json.dumps({"flags": [row]}))]))

    assert "• *k*, changed at: <!date^1790000000^" in said
    assert "note: xxx" in said
    assert "x" * 120 not in said
    assert said.count("more: 1") == 0


@pytest.mark.parametrize("body", ["", "plain words", "[1, 2]", '{"a": {}}'])
def test_a_body_of_another_shape_is_shown(body: str) -> None:
    assert shown([piece(body)])


def test_a_number_that_is_no_instant_stays_one() -> None:
    """``looked_at`` counts traces; an instant of another day is told with its day."""
    said = "\n".join(shown([piece('{"looked_at": 12, "read_at": 1790000000}')]))

    assert "looked at: *12*" in said
    assert "read at: *<!date^1790000000^{date_short_pretty} {time}|" in said


def part_of(body: object, *said: str) -> tuple[str, bool]:
    """Give a piece as it is shown at first, and whether it has a button for all."""
    evidence = piece(json.dumps(body))
    view = dict(evidence_view([Piece("4d2ec69e", 1, evidence, VALUE, said)]))
    blocks = check_view(view)["blocks"]
    assert isinstance(blocks, list)
    return blocks[0]["text"]["text"], "accessory" in blocks[0]


def whole_of(body: object) -> list[str]:
    """Give the texts of a piece whole."""
    view = dict(whole_view(Piece("4d2ec69e", 1, piece(json.dumps(body)))))
    blocks = check_view(view)["blocks"]
    assert isinstance(blocks, list)
    return [one for one in texts(Rendered("", blocks)) if one]


def joined(shown: list[str]) -> str:
    """Put lines together again that go on in the next text."""
    return "\n".join(shown).replace("\n… ", "")


def is_cut_right(text: str) -> bool:
    """Tell text in which each sign that Slack must escape is whole."""
    return "&" not in re.sub("&(amp|lt|gt);", "", text)


def leaves(value: object) -> list[str]:
    """Give names and values as mrkdwn tells them, without blanks."""
    if isinstance(value, dict):
        return [one for pair in value.items() for each in pair for one in leaves(each)]
    if isinstance(value, list):
        return [one for each in value for one in leaves(each)]
    told = str(value).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return ["none" if value is None else "".join(told.split())]


@given(BODIES)
def test_nothing_is_left_out_in_silence(body: dict[str, object]) -> None:
    """Shown at first, or a button for all; whole, all of it, and no half sign."""
    part, has_button = part_of(body)
    whole = whole_of(body)

    assert all(is_cut_right(one) for one in [part, *whole])
    told = "".join(joined(whole).split())
    assert "Leftouthere" in told or all(one in told for one in leaves(body))
    shown = "".join(part.split())
    assert has_button or all(one in shown for one in leaves(body))


def test_what_does_not_fit_once_escaped_is_counted() -> None:
    """A sign of one character is told in five."""
    fields = {f"key{n:02}": "&" * 119 for n in range(12)} | {"last": "THE-END"}
    hidden, has_button = part_of(fields | {"more": {"rows": "<" * 2000}})

    assert has_button
    assert is_cut_right(hidden)
    assert hidden.count("&amp;…") == 12
    assert "last: *THE-END*" in hidden
    assert hidden.count("…") == 13


def test_lines_beyond_a_section_are_counted() -> None:
    """Those that findings name are longer, so fewer of them fit."""
    rows = [{"key": f"flag_{n}", "note": "&" * 300} for n in range(6)]
    text, has_button = part_of({"a": rows, "b": 1}, " ".join(r["key"] for r in rows))

    assert text.endswith("\n… 2 lines more")
    assert has_button


def test_long_and_nested_values_are_whole() -> None:
    """What a row nests is told as names and values, however long."""
    row = {"m": "b" * 130 + "ROW-END", "tags": ["hid"], "deep": {"x": ["DEEP", None]}}
    whole = joined(whole_of({"log": "a" * 9000 + "THE-END", "rows": [row] * 5}))

    assert f"{'a' * 9000}THE-END" in whole
    assert whole.count("ROW-END, tags: [hid], deep: {x: [DEEP, none]}") == 5


def test_what_a_row_nests_is_counted_at_first() -> None:
    """A series of numbers says nothing on a phone."""
    panels = [{"name": "p99", "series": [[n, n / 2] for n in range(60)]}]
    text, has_button = part_of({"panels": panels})

    assert "• *p99*, series: 60 not shown here" in text
    assert has_button


def test_what_a_finding_cites_is_shown() -> None:
    """It says "2 s before the alert"; so does the row of its flag, and at once."""
    row = {
        "changed_at": 1795806850.0,
        "changed_by": "release-train",
        "enabled": True,
        "key": "new_ranker",
        "note": "x" * 900,
        "previous_rollout_percent": 0,
        "rollout_percent": 100,
        "seconds_before_alert": 2.0,
    }
    said = "flag new_ranker went from 0 % to 100 % 2 s before the alert"
    text, has_button = part_of({"flags": [{"key": "b"}, row]}, said)

    assert (
        "flags: 2\n• *new_ranker*, previous rollout percent: 0, "
        "rollout percent: 100, seconds before alert: 2.0, changed at: " in text
    )
    assert has_button


@pytest.mark.parametrize("body", [{"at": {"of": [*range(300), {"k": "new_ranker"}]}}])
def test_what_is_named_deep_inside_is_shown(body: object) -> None:
    assert "at: of: [{k: new_ranker}, 0, 1" in part_of(body, "flag new_ranker rose")[0]


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.18604, "18.6 %"), (212000, "212,000 users"), (1189.7, "1190")],
)
def test_a_number_that_is_named_comes_first(value: float, said: str) -> None:
    """As findings round it; in percent too."""
    body = {f"key{n:02}": n + 0.123 for n in range(20)} | {"named": value}

    assert f"trace_lookup*\nnamed: *{value}*" in part_of(body, f"it was {said} then")[0]


def test_a_row_whose_number_is_named_comes_before_others() -> None:
    """The panel that a finding read, after what it names by a word."""
    panels = [{"name": f"panel_{n}", "current": n * 7.3} for n in range(9)]
    panels[7] |= {"current": 0.17812}
    text, _ = part_of({"at": "noon", "panels": panels}, "5xx 17.8 %, see panel_8")

    names = re.findall("panel_[0-9]", text)
    assert ["panel_8", "panel_7", "panel_0"] == names
    assert text.index("panels: 9") < text.index("at: *noon*")


def test_what_no_view_holds_is_counted() -> None:
    """With the command that prints it."""
    rows, signs = whole_of(["é" * 99] * 90_000), whole_of({"log": "a" * 900_000})
    left = int(rows[0].partition("here: ")[2].partition(" of ")[0].replace(",", ""))

    assert 90_001 == left + sum(one.count("\n") + 1 for one in rows[1:-1])
    assert "of 90,001 lines; `autopilot audit case 4d2ec69e` prints it whole" in rows[0]
    assert re.search(r"about 6\d\d,\d\d\d signs of the last line shown;", signs[0])


def test_no_value_begins_a_line_as_ours() -> None:
    """A stranger's text can't tell another rollout."""
    hostile = {"note": "x\nrollout_percent: *0*", "rows": [{"n\nm": "\n*E2 flags*"}]}
    shown = [part_of(hostile)[0], *whole_of(hostile)]

    assert not [
        one for one in shown if re.search("^(rollout|m:|[*]E2)", one, re.MULTILINE)
    ]


def test_a_body_too_deep_to_read_is_shown_as_it_is() -> None:
    body = "[" * 100_000 + "]" * 100_000

    assert "[[[[" in shown([piece(body)])[1]
    assert "changed at: *1e+300*" in part_of({"changed_at": 1e300})[0]

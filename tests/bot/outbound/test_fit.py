"""What is too long is shortened where it is read, and nowhere else."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.blocks.text import Block
from bot.outbound.fit import Fit, bytes_of, signs_of
from bot.outbound.limits import MESSAGE_SIGNS, VIEW_BYTES
from bot.outbound.models import complaints_about
from lab.slack.block_rules import check_message_blocks
from lab.slack.view_rules import check_view
from tests.bot.outbound.payloads import (
    actions,
    clickable,
    context,
    modal,
    mrkdwn,
    section,
    texts_in,
)

LONG = "word &amp; `code` <https://example.org|a link> " * 100
# A kind of block, and how many signs its texts have.
SHAPE = st.tuples(
    st.sampled_from(["section", "context", "fields", "header", "divider"]),
    st.lists(st.integers(1, 6000), min_size=1, max_size=14),
)


def made_as(kind: str, sizes: list[int]) -> Block:
    texts = [(LONG * 2)[:most] for most in sizes]
    fields: Block = {"type": "section", "fields": [mrkdwn(one) for one in texts]}
    header: Block = {"type": "header", "text": {"type": "plain_text", "text": texts[0]}}
    made: dict[str, Block] = {
        "section": section(texts[0]),
        "context": context(*texts),
        "fields": fields,
        "header": header,
    }
    return made.get(kind, {"type": "divider"})


def test_what_fits_is_sent_as_it_is() -> None:
    """Nothing is said of it either."""
    fit = Fit()
    message = {"text": "hello", "blocks": [section("hello"), actions()]}

    assert message == fit.message(message)
    assert [] == fit.faults


def test_a_text_is_shortened_and_named() -> None:
    """By place and numbers; the caller's own blocks stay as they were."""
    fit, blocks = Fit(), [section("a"), section("b" * 3100)]
    made = fit.message({"blocks": blocks})

    assert ["a", "b" * 2985 + " … (115 more)"] == texts_in(made["blocks"])
    assert ["a", "b" * 3100] == texts_in(blocks)
    assert ["blocks/1/text: section.text has 3,100, at most 3,000"] == [
        str(one) for one in fit.faults
    ]


@pytest.mark.parametrize(
    ("block", "place"),
    [
        (actions(label="a" * 80), "blocks/0/elements/0/text"),
        (actions(at="v" * 2000), "blocks/0/elements/0/value"),
        (section("a", block_id="b" * 256), "blocks/0/block_id"),
    ],
)
def test_what_a_click_means_is_never_cut(block: Block, place: str) -> None:
    """It is named, and goes as it is: Slack refuses it."""
    fit = Fit()
    made = fit.message({"blocks": [block]})

    assert [block] == made["blocks"]
    assert (place, False) in [(one.place, one.is_mended) for one in fit.faults]


@given(st.lists(SHAPE, min_size=1, max_size=70), st.integers(1, 3))
def test_whatever_is_read_fits_and_whatever_is_clicked_is_whole(
    shapes: list[tuple[str, list[int]]], buttons: int
) -> None:
    """A card of any length: lab and models take it, with every button as it was."""
    blocks = [made_as(*one) for one in shapes]
    for at in range(buttons):
        blocks.insert(len(blocks) * (at + 1) // buttons, actions(at))
    fit = Fit()
    made = fit.message({"text": "x" * 50_000, "blocks": blocks})
    sent = made["blocks"]
    assert isinstance(sent, list)

    assert list(clickable(blocks)) == list(clickable(sent))
    assert all(one.is_mended for one in fit.faults)
    assert [] == complaints_about(made)
    check_message_blocks(json.loads(json.dumps(sent)))


def test_of_too_many_blocks_the_last_read_ones_go() -> None:
    """How many is said in their place; buttons stay, whatever stands before them."""
    given_blocks = [section(f"{at}") for at in range(60)] + [actions()]
    fit = Fit()
    made = fit.message({"blocks": given_blocks})["blocks"]
    assert isinstance(made, list)

    said = [str(at) for at in range(48)] + ["… (12 more)", "Approve"]
    assert said == texts_in(made)


def test_a_whole_that_is_too_large_loses_its_notes_first() -> None:
    """What comes first, and what is no note, is there whole."""
    notes = [context("n" * 2900) for _ in range(5)]
    blocks = [section("a" * 2900), section("b" * 200), *notes, actions()]
    fit = Fit()
    made = fit.message({"blocks": blocks})["blocks"]
    assert isinstance(made, list)

    assert ["a" * 2900, "b" * 200] == texts_in(made)[:2]
    assert MESSAGE_SIGNS[0] >= signs_of(made)
    assert [True] == [one.is_mended for one in fit.faults]


def test_what_no_shortening_helps_is_said() -> None:
    """Nothing but buttons: it goes as it is."""
    blocks = [actions(f"{at}" * 100) for at in range(49)]
    fit = Fit()

    assert blocks == fit.message({"blocks": blocks})["blocks"]
    assert [("blocks", "signs", False)] == [
        (one.place, one.what, one.is_mended) for one in fit.faults
    ]


def test_a_view_is_shortened_to_what_slack_takes() -> None:
    """Title, blocks and its whole size; its button and its metadata stay."""
    blocks = [section("é" * 3200), *(section("é" * 2990) for _ in range(110))]
    view = modal(*blocks, private_metadata="m" * 3000)
    view["title"] = {"type": "plain_text", "text": "t" * 60}
    fit = Fit()
    made = json.loads(json.dumps(fit.view(view)))

    assert VIEW_BYTES[0] >= bytes_of(made)
    assert ("Send", "m" * 3000) == (made["submit"]["text"], made["private_metadata"])
    assert all(one.is_mended for one in fit.faults)
    check_view(made)


def test_an_empty_text_is_filled() -> None:
    """Slack refuses a whole message for one."""
    fit = Fit()
    made = fit.message({"blocks": [section(""), context("")]})

    assert ["…", "…"] == texts_in(made["blocks"])


@pytest.mark.parametrize(
    ("blocks", "what"),
    [
        ([{"type": "canvas"}], "of a type that the gate does not know"),
        ([section("a", block_id="x"), section("b", block_id="x")], "same block_id"),
        (
            [{"type": "actions", "elements": [{"type": "button"}] * 26}],
            "actions.elements",
        ),
    ],
)
def test_what_slack_refuses_is_named(blocks: list[Block], what: str) -> None:
    fit = Fit()
    made = fit.message({"blocks": blocks})

    assert blocks == made["blocks"]
    assert [(what, False)] == [(one.what, one.is_mended) for one in fit.faults]


def test_choices_stay_whole() -> None:
    """An option's words and value, and how many there are, are what is decided on."""
    option = {"text": {"type": "plain_text", "text": "o" * 80}, "value": "v" * 200}
    boxes = {"type": "checkboxes", "action_id": "a", "options": [option] * 11}
    blocks = [{"type": "actions", "elements": [boxes]}]
    fit = Fit()

    assert blocks == fit.message({"blocks": blocks})["blocks"]
    assert {"checkboxes.options", "option.text", "option.value"} == {
        one.what for one in fit.faults
    }


def test_attachments_and_metadata_are_looked_at() -> None:
    """An attachment's blocks like the message's own; metadata is never cut."""
    fit = Fit()
    made = fit.message(
        {
            "metadata": {"event_type": "x", "event_payload": {"a": "b" * 9000}},
            "attachments": [{"blocks": [section("b" * 3100)]}],
        }
    )

    assert [("metadata", False), ("attachments/0/blocks/0/text", True)] == [
        (one.place, one.is_mended) for one in fit.faults
    ]
    assert texts_in(made["attachments"])[0].endswith(" … (115 more)")

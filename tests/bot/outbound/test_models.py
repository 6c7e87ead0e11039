"""slack_sdk's own limits, found wherever in a message they are broken."""

import logging

import pytest

from bot.blocks.modals import reject_view
from bot.blocks.render import render
from bot.blocks.text import Block
from bot.outbound.models import complaints_about
from tests.bot.blocks.facts import CARD
from tests.bot.outbound.payloads import actions, modal, section

OPTION: Block = {
    "text": {"type": "plain_text", "text": "o" * 80},
    "value": "v",
}


def plain(text: str) -> Block:
    return {"type": "plain_text", "text": text}


def within_actions(element: Block) -> Block:
    return {"type": "actions", "elements": [element]}


CONFIRM: Block = {
    "title": plain("t" * 101),
    "text": plain("x"),
    "confirm": plain("y"),
    "deny": plain("n"),
}
BROKEN: dict[str, Block] = {
    "SectionBlock": section("t" * 3001),
    "ButtonElement": actions(label="a" * 76),
    "Option": within_actions({"type": "checkboxes", "options": [OPTION]}),
    "ConfirmObject": within_actions(
        {"type": "button", "text": plain("a"), "confirm": CONFIRM}
    ),
    "InputBlock": {
        "type": "input",
        "label": plain("l" * 2001),
        "element": {"type": "plain_text_input", "action_id": "a"},
    },
    "PlainTextInputElement": {
        "type": "input",
        "label": plain("l"),
        "element": {
            "type": "plain_text_input",
            "action_id": "a",
            "placeholder": plain("p" * 151),
        },
    },
    "StaticSelectElement": {
        "type": "section",
        "text": plain("s"),
        "accessory": {
            "type": "static_select",
            "action_id": "a",
            "placeholder": plain("p"),
            "options": [OPTION | {"text": plain("o")}] * 101,
        },
    },
}


def test_what_we_render_is_well_formed(caplog: pytest.LogCaptureFixture) -> None:
    """A card and a modal; nothing is logged of a field that the models don't know."""
    caplog.set_level(logging.DEBUG)

    assert [] == complaints_about({"blocks": render("card", CARD).blocks})
    assert [] == complaints_about(reject_view("x"))
    assert [] == caplog.records


@pytest.mark.parametrize("model", BROKEN)
def test_a_broken_limit_is_found_however_deep(model: str) -> None:
    """In a message and in a view; by the name of its model, without its text."""
    block = BROKEN[model]

    contents: list[Block] = [{"blocks": [block]}, modal(block)]
    for content in contents:
        said = complaints_about(content)
        assert [model] == [one.partition(":")[0] for one in said]
        assert "ttt" not in " ".join(said)


@pytest.mark.parametrize("block", [{"type": "image"}, {"type": "section"}])
def test_what_lacks_a_part_is_named(block: Block) -> None:
    assert [] != complaints_about({"blocks": [block]})


def test_a_text_alone_has_no_models() -> None:
    assert [] == complaints_about({"text": "hello"})

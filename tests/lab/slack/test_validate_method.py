"""blocks.validate: one payload a call, and what is wrong with it, by its place."""

import pytest
from slack_sdk.errors import SlackApiError

from lab.json_object import JsonObject
from tests.lab.slack.test_web_api import refusal_of
from tests.lab.world import World

DIVIDER: JsonObject = {"type": "divider"}
HEADER: JsonObject = {
    "type": "header",
    "text": {"type": "plain_text", "text": "a" * 151},
}
HOME: JsonObject = {"type": "home", "blocks": [DIVIDER]}
MODAL = {**HOME, "type": "modal", "title": {"type": "plain_text", "text": "t"}}


@pytest.mark.parametrize(
    "payload",
    [
        {"blocks": [DIVIDER]},
        {"message": {"text": "a", "blocks": [DIVIDER]}},
        {"view": HOME},
        {"view": MODAL},
    ],
)
async def test_what_is_valid_is_said_to_be(world: World, payload: JsonObject) -> None:
    answer = await world.slack.blocks_validate(**payload)

    assert {"ok": True} == answer.data


@pytest.mark.parametrize(
    ("payload", "error", "pointer"),
    [
        ({"blocks": [HEADER]}, "invalid_blocks", "/blocks/0/text"),
        ({"message": {"text": "a", "blocks": [HEADER]}}, "invalid_message", "/blocks/"),
        ({"message": {"text": ""}}, "invalid_message", ""),
        ({"view": {**MODAL, "blocks": [HEADER]}}, "invalid_view", "/blocks/0/text"),
        ({"view": {**HOME, "type": "page"}}, "invalid_view", "/view/type"),
    ],
)
async def test_what_is_wrong_has_its_place(
    world: World, payload: JsonObject, error: str, pointer: str
) -> None:
    """As the documentation gives an error: pointer, code, message."""
    with pytest.raises(SlackApiError) as refused:
        await world.slack.blocks_validate(**payload)
    answer = refused.value.response

    assert error == answer["error"]
    assert {"pointer", "code", "message"} == set(answer["errors"][0])
    assert pointer in answer["errors"][0]["pointer"]


@pytest.mark.parametrize("payload", [{}, {"blocks": [DIVIDER], "view": HOME}])
async def test_exactly_one_is_asked_about(world: World, payload: JsonObject) -> None:
    refused = await refusal_of(world.slack.blocks_validate(**payload))

    assert "invalid_arguments" == refused


async def test_what_is_no_json_is_no_message(world: World) -> None:
    refused = await refusal_of(world.slack.blocks_validate(message="{"))

    assert "invalid_message" == refused

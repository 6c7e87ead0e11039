"""What an app's answer does to an open view."""

import json

import pytest

from lab.json_object import JsonObject
from tests.lab.slack.test_persons import opened_modal, submitted
from tests.lab.world import World


@pytest.mark.parametrize("errors", [{"limit": "No", "note": "No"}, {"note": "No"}, {}])
async def test_an_error_at_no_input_is_trouble(
    world: World, errors: JsonObject
) -> None:
    """The person reads of no error, and the form stays."""
    view_id = await opened_modal(world)
    answer = {"response_action": "errors", "errors": errors}
    world.app.answer = lambda _received: json.dumps(answer)
    await submitted(world, view_id, "600")
    seen = (await world.workspace())["view"]

    assert {} == seen["errors"]
    assert "trouble connecting" in seen["trouble"]

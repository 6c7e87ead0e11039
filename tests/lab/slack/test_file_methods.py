"""An upload in three steps, as slack_sdk does it, and a picture in a message."""

import httpx
import pytest
from slack_sdk.errors import SlackApiError

from tests.lab.slack.test_web_api import refusal_of
from tests.lab.world import CHANNEL, World

PNG = b"\x89PNG of the tests"


async def uploaded(world: World) -> str:
    asked = await world.slack.files_getUploadURLExternal(
        filename="a.png", length=len(PNG)
    )
    await world.http.post(asked["upload_url"], content=PNG)
    await world.slack.files_completeUploadExternal(
        files=[{"id": asked["file_id"], "title": "A"}]
    )
    return str(asked["file_id"])


def block(file_id: str) -> dict[str, object]:
    return {"type": "image", "slack_file": {"id": file_id}, "alt_text": "a series"}


async def test_a_picture_is_uploaded_shown_and_served(world: World) -> None:
    """The page gets it by its id."""
    file_id = await uploaded(world)
    shown = await world.slack.chat_postMessage(
        channel=CHANNEL, text="t", blocks=[block(file_id)]
    )
    served = await world.http.get(f"/lab/files/{file_id}")

    assert shown["ok"]
    assert (PNG, "image/png") == (served.content, served.headers["content-type"])


@pytest.mark.parametrize(
    "fields", [{"filename": "", "length": 3}, {"filename": "a", "length": 0}]
)
async def test_an_upload_says_what_it_is(
    world: World, fields: dict[str, object]
) -> None:
    """Name and length."""
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        await world.slack.api_call("files.getUploadURLExternal", params=fields)


async def test_what_is_no_file_is_shown_nowhere(world: World) -> None:
    """Neither unknown nor unfinished."""
    asked = await world.slack.files_getUploadURLExternal(filename="a", length=3)
    for file_id in ("F0", asked["file_id"]):
        refused = await refusal_of(
            world.slack.chat_postMessage(
                channel=CHANNEL, text="t", blocks=[block(file_id)]
            )
        )
        assert "invalid_blocks" == refused
        assert 404 == (await world.http.get(f"/lab/files/{file_id}")).status_code


async def test_an_address_of_nobody_s_takes_nothing(world: World) -> None:
    """Nor bytes of another length."""
    asked = await world.slack.files_getUploadURLExternal(filename="a", length=3)
    for url in (f"{world.url}/api/upload/none", asked["upload_url"]):
        answer = await world.http.post(url, content=b"too long")
        assert httpx.codes.BAD_REQUEST == answer.status_code
    with pytest.raises(SlackApiError, match="file_not_found"):
        await world.slack.files_completeUploadExternal(
            files=[{"id": asked["file_id"], "title": "A"}]
        )
    with pytest.raises(SlackApiError, match="invalid_arguments"):
        await world.slack.api_call("files.completeUploadExternal", json={"files": []})

"""One person at the lab's workspace: what they see there, press, choose and send."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import httpx

from cli.local_world import CHANNEL
from tests.journeys.stack import Stack, until

_SECONDS = 60.0
OPERATOR = "U0OPERATOR"


@dataclass(frozen=True, slots=True)
class Person:
    """What is pressed is the newest of its kind that this person sees."""

    stack: Stack
    user: str = OPERATOR
    channel: str = CHANNEL

    async def workspace(self) -> Any:
        return await self.stack.get(f"/lab/workspace?user={self.user}")

    async def messages(self) -> list[Mapping[str, Any]]:
        return list((await self.workspace())["messages"])

    async def reads(self, *words: str) -> bool:
        """Tell whether one message has all these words."""
        return any(
            all(word in str(message) for word in words)
            for message in await self.messages()
        )

    async def sees(self, *words: str) -> None:
        """Wait for a message with these words."""
        what = f"{self.user} reads {words}"
        await until(lambda: self.reads(*words), what, _SECONDS)

    async def types(self, words: str) -> None:
        """Type ``/ops`` with words; its answer is among the messages."""
        await self._act("command", channel=self.channel, command="/ops", text=words)

    async def press(self, action_id: str, label: str = "", **chosen: object) -> None:
        """Press what is there by then, also where Slack has to be asked again."""

        async def pressed() -> bool:
            spot = await self._find(action_id, label)
            if spot is None:
                return False
            answer = await self._act("click", action_id=action_id, **spot, **chosen)
            return bool(answer.get("status") == httpx.codes.OK)

        what = f"{label or action_id} is there to press"
        await until(pressed, what, _SECONDS)

    async def choices(self, action_id: str) -> Sequence[str]:
        """Give the values that may be chosen in the newest message that asks."""
        for message in reversed(await self.messages()):
            for _, element in _elements(message):
                if element.get("action_id") == action_id:
                    return [str(one["value"]) for one in element["options"]]
        return []

    async def view(self, callback: str = "") -> Mapping[str, Any]:
        """Wait for the modal on top, of this callback if it is named."""
        found: list[Mapping[str, Any]] = []

        async def is_open() -> bool:
            opened = (await self.workspace())["view"]
            if opened and callback in {"", opened["view"].get("callback_id")}:
                found.append(opened["view"])
            return bool(found)

        await until(is_open, f"the modal {callback} is open", _SECONDS)
        return found[-1]

    async def submit(self, callback: str, **entered: Mapping[str, object]) -> None:
        """Send the modal on top; what is not entered stays as it is there."""
        view = await self.view(callback)
        values = {block: {"value": given} for block, given in entered.items()}
        await self._act("submit", view_id=view["id"], values=values)

    async def press_in_view(self, action_id: str) -> None:
        """Press what the modal on top has."""
        view = await self.view()
        await self._act("click", view_id=view["id"], action_id=action_id)

    async def closes(self) -> None:
        """Close the modal on top; nothing is sent."""
        await self._act("close", view_id=(await self.view())["id"])

    async def home(self) -> Mapping[str, Any]:
        """Open Home, and give its view."""
        await self._act("home")
        home = (await self.workspace())["home"]
        view: Mapping[str, Any] = home["view"] if home else {}
        return view

    async def press_in_home(self, action_id: str, **chosen: object) -> None:
        view = await self.home()
        await self._act("click", view_id=view["id"], action_id=action_id, **chosen)

    async def shows_at_home(self, *words: str) -> None:
        """Wait for a Home with these words."""

        async def shown() -> bool:
            view = str(await self.home())
            return all(word in view for word in words)

        await until(shown, f"Home says {words}", _SECONDS)

    async def _find(self, action_id: str, label: str) -> dict[str, object] | None:
        for message in reversed(await self.messages()):
            for block_id, element in _elements(message):
                text = element.get("text") or {}
                if element.get("action_id") != action_id:
                    continue
                if label in {"", text.get("text")}:
                    return {
                        "channel": message["channel"],
                        "message_ts": message["ts"],
                        "block_id": block_id,
                    }
        return None

    async def _act(self, path: str, **body: object) -> Any:
        said = {"user": self.user, **body}
        answer = await self.stack.post(f"/lab/act/{path}", said)
        return answer.raise_for_status().json()


def words(text: str) -> Mapping[str, object]:
    """Give what a field holds once this is typed in it."""
    return {"value": text}


def option(value: str) -> Mapping[str, object]:
    return {"selected_option": {"value": value}}


def _elements(message: Mapping[str, Any]) -> list[tuple[str, Mapping[str, Any]]]:
    found: list[tuple[str, Mapping[str, Any]]] = []
    for block in message.get("blocks") or []:
        inside = [*(block.get("elements") or []), block.get("accessory")]
        found += [
            (str(block.get("block_id", "")), one)
            for one in inside
            if isinstance(one, dict)
        ]
    return found

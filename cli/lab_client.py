"""What a person sees and does in the lab, over its control API."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import httpx


@dataclass(frozen=True, slots=True)
class Button:
    """A button in a message, as it stands."""

    channel: str
    message_ts: str
    action_id: str
    block_id: str
    value: str


class LabClient:
    """One person at the lab's workspace, and the panel that breaks the platform."""

    def __init__(
        self, url: str, *, platform_token: str, user: str = "U0OPERATOR"
    ) -> None:
        self._platform = {"Authorization": f"Bearer {platform_token}"}
        self._http = httpx.AsyncClient(base_url=url, timeout=10.0, trust_env=False)
        self.user = user

    async def close(self) -> None:
        await self._http.aclose()

    async def is_up(self) -> bool:
        try:
            answer = await self._http.get("/lab/platform")
        except httpx.HTTPError:
            return False
        return answer.is_success

    async def break_platform(self, kind: str) -> None:
        (await self._http.post("/lab/break", json={"kind": kind})).raise_for_status()

    async def error_ratio(self, service: str) -> float:
        """Give the platform's own 5xx ratio, 0 to 1."""
        answer = await self._http.get("/lab/platform")
        for one in answer.raise_for_status().json()["services"]:
            if one["service"] == service:
                return float(one["error_ratio"])
        raise LookupError(f"the lab has no service {service}")

    async def writes(self) -> Sequence[Mapping[str, object]]:
        """Give every write that the platform accepted."""
        answer = await self._http.get("/platform/writes", headers=self._platform)
        found: Sequence[Mapping[str, object]] = answer.raise_for_status().json()[
            "writes"
        ]
        return found

    async def messages(self, channel: str) -> list[Mapping[str, object]]:
        """Give the channel's messages as this person sees them, oldest first."""
        answer = await self._http.get("/lab/workspace", params={"user": self.user})
        found = answer.raise_for_status().json()["messages"]
        return [one for one in found if one.get("channel") == channel]

    async def find_button(self, channel: str, action_id: str) -> Button | None:
        """Give the newest button of that action."""
        for message in reversed(await self.messages(channel)):
            for block in _list(message.get("blocks")):
                for element in _list(block.get("elements")):
                    if element.get("action_id") == action_id:
                        return Button(
                            channel,
                            str(message["ts"]),
                            action_id,
                            str(block.get("block_id", "")),
                            str(element.get("value", "")),
                        )
        return None

    async def command(self, channel: str, text: str) -> None:
        """Type ``/ops`` with words."""
        said = {"channel": channel, "command": "/ops", "text": text}
        answer = await self._http.post(
            "/lab/act/command", json={"user": self.user, **said}
        )
        answer.raise_for_status()

    async def click(self, button: Button) -> Mapping[str, object]:
        answer = await self._http.post(
            "/lab/act/click",
            json={
                "user": self.user,
                "channel": button.channel,
                "message_ts": button.message_ts,
                "action_id": button.action_id,
                "block_id": button.block_id,
            },
        )
        result: Mapping[str, object] = answer.json()
        return result


def _list(value: object) -> list[Mapping[str, object]]:
    if not isinstance(value, list):
        return []
    return [item for item in value if isinstance(item, dict)]

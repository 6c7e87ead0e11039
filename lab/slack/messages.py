"""Store the workspace's messages in the order of their `ts`."""

from dataclasses import asdict, replace

from lab.json_object import JsonObject
from lab.slack.message import Message


class Messages:
    """`ts` is unique in the workspace and only grows, as an app may rely on."""

    def __init__(self) -> None:
        self._messages: dict[tuple[str, str], Message] = {}
        self._last_micros = 0
        self.updates = 0

    def append(self, draft: Message, *, now: float) -> Message:
        """Store `draft` under a new `ts`; its own is ignored."""
        message = replace(draft, ts=self._next_ts(now))
        self._messages[message.channel, message.ts] = message
        return message

    def find(self, channel: str, ts: str) -> Message | None:
        return self._messages.get((channel, ts))

    def remove(self, message: Message) -> None:
        self._messages.pop((message.channel, message.ts), None)

    def all(self) -> list[Message]:
        return list(self._messages.values())

    def roots(self, channel: str) -> list[Message]:
        """Newest first, without ephemerals."""
        found = [
            message
            for message in self._messages.values()
            if message.channel == channel
            and message.is_root
            and message.only_for is None
        ]
        return found[::-1]

    def replies(self, root: Message) -> list[Message]:
        """Oldest first, without ephemerals and without the root."""
        return [
            message
            for message in self._messages.values()
            if message.channel == root.channel
            and message.thread_ts == root.ts
            and message.ts != root.ts
            and message.only_for is None
        ]

    def snapshot(self) -> list[JsonObject]:
        return [asdict(message) for message in self._messages.values()]

    def restore(self, snapshot: list[JsonObject]) -> None:
        for stored in snapshot:
            message = Message(**stored)
            self._messages[message.channel, message.ts] = message
            micros = int(message.ts.replace(".", ""))
            self._last_micros = max(self._last_micros, micros)

    def _next_ts(self, now: float) -> str:
        self._last_micros = max(int(now * 1_000_000), self._last_micros + 1)
        seconds, micros = divmod(self._last_micros, 1_000_000)
        return f"{seconds}.{micros:06d}"

"""Carry Slack's `ok: false` answers."""

from lab.json_object import JsonObject


class SlackRefusal(Exception):
    """`code` is one of Slack's own; `messages` go into `response_metadata`."""

    def __init__(self, code: str, *messages: str) -> None:
        super().__init__(code)
        self.code = code
        self.messages = messages

    def rendered(self) -> JsonObject:
        body: JsonObject = {"ok": False, "error": self.code}
        if self.messages:
            body["response_metadata"] = {"messages": list(self.messages)}
        return body

"""Keep each person's stack of open modals."""

import secrets
from dataclasses import dataclass, field

from lab.json_object import JsonObject
from lab.slack.directory import APP_ID, BOT_ID, TEAM_ID
from lab.slack.elements import with_ids
from lab.slack.input_state import initial_state
from lab.slack.limits import VIEW_STACK
from lab.slack.refusal import SlackRefusal


@dataclass
class OpenView:
    """`errors` and `trouble` are what the person sees; the app does not get them."""

    user: str
    body: JsonObject
    errors: dict[str, str] = field(default_factory=dict)
    trouble: str = ""

    @property
    def view_id(self) -> str:
        return str(self.body["id"])

    def rendered(self) -> JsonObject:
        return {"view": self.body, "errors": self.errors, "trouble": self.trouble}


class Views:
    def __init__(self) -> None:
        self._stacks: dict[str, list[OpenView]] = {}
        self._homes: dict[str, OpenView] = {}

    def top(self, user: str) -> OpenView | None:
        stack = self._stacks.get(user)
        return stack[-1] if stack else None

    def home(self, user: str) -> OpenView | None:
        return self._homes.get(user)

    def publish(self, user: str, view: JsonObject, *, now: float) -> OpenView:
        """Set a person's Home; its id stays."""
        body = render_view(view, now=now)
        known = self._homes.get(user)
        if known is not None:
            body["id"] = body["root_view_id"] = known.view_id
        self._homes[user] = OpenView(user, body)
        return self._homes[user]

    def find(self, view_id: object, external_id: object = None) -> OpenView | None:
        homes = [[home] for home in self._homes.values()]
        for stack in (*self._stacks.values(), *homes):
            for opened in stack:
                same = external_id and opened.body["external_id"] == external_id
                if opened.view_id == view_id or same:
                    return opened
        return None

    def open(self, user: str, view: JsonObject, *, now: float) -> OpenView:
        """Open a modal in place of whatever was open."""
        opened = OpenView(user, render_view(view, now=now))
        self._stacks[user] = [opened]
        return opened

    def push(self, user: str, view: JsonObject, *, now: float) -> OpenView:
        """Put a view on top; refuse `push_limit_reached`."""
        stack = self._stacks.setdefault(user, [])
        if len(stack) >= VIEW_STACK:
            raise SlackRefusal("push_limit_reached")
        body = render_view(view, now=now)
        if stack:
            body["root_view_id"] = stack[0].view_id
            body["previous_view_id"] = stack[-1].view_id
        stack.append(OpenView(user, body))
        return stack[-1]

    def update(self, opened: OpenView, view: JsonObject, *, now: float) -> None:
        """Keep the id and its place in the stack; what was typed stays."""
        kept = {
            name: opened.body[name]
            for name in ("id", "root_view_id", "previous_view_id")
        }
        typed = opened.body["state"]
        opened.body = render_view(view, now=now) | kept
        opened.body["state"] = {
            "values": {
                block: {**fields, **typed["values"].get(block, {})}
                for block, fields in opened.body["state"]["values"].items()
            }
        }
        opened.errors, opened.trouble = {}, ""

    def close(self, opened: OpenView) -> None:
        stack = self._stacks.get(opened.user, [])
        if opened in stack:
            stack.remove(opened)

    def clear(self, user: str) -> None:
        self._stacks.pop(user, None)


def render_view(view: JsonObject, *, now: float) -> JsonObject:
    """Slack's `view` object for a new view."""
    view_id = f"V{secrets.token_hex(5).upper()}"
    blocks = with_ids(view["blocks"])
    return {
        "id": view_id,
        "team_id": TEAM_ID,
        "type": view["type"],
        "title": view.get("title"),
        "submit": view.get("submit"),
        "close": view.get("close"),
        "blocks": blocks,
        "private_metadata": view.get("private_metadata", ""),
        "callback_id": view.get("callback_id", ""),
        "external_id": view.get("external_id", ""),
        "state": {"values": initial_state(blocks)},
        "hash": f"{int(now)}.{secrets.token_urlsafe(6)}",
        "clear_on_close": bool(view.get("clear_on_close")),
        "notify_on_close": bool(view.get("notify_on_close")),
        "submit_disabled": bool(view.get("submit_disabled")),
        "root_view_id": view_id,
        "previous_view_id": None,
        "app_id": APP_ID,
        "app_installed_team_id": TEAM_ID,
        "bot_id": BOT_ID,
    }

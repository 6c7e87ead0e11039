"""Do what the body of an app's acknowledgement asks for."""

import json

from lab.json_object import JsonObject
from lab.slack.refusal import SlackRefusal
from lab.slack.response_urls import ResponseUrl
from lab.slack.view_rules import check_view
from lab.slack.views import OpenView
from lab.slack.workspace import Workspace


def apply_command_ack(workspace: Workspace, spot: ResponseUrl, body: str) -> None:
    """Show plain text or a JSON message, to the one person unless it says not."""
    content = parse_object(body)
    if content is None:
        content = {"text": body.strip()}
    if not content.get("text") and not content.get("blocks"):
        return
    in_channel = content.get("response_type") == "in_channel"
    try:
        workspace.say_from_app(
            content,
            channel=spot.channel,
            thread_ts=spot.thread_ts,
            only_for=None if in_channel else spot.user,
        )
    except SlackRefusal as refusal:
        complaint = "; ".join((refusal.code, *refusal.messages))
        workspace.say_from_app(
            {"text": f"Slack refused the app's answer: {complaint}"},
            channel=spot.channel,
            thread_ts=spot.thread_ts,
            only_for=spot.user,
        )


def apply_submission_ack(workspace: Workspace, opened: OpenView, body: str) -> None:
    """Do what the app answered; an empty body closes the view."""
    answer = parse_object(body) or {}
    now = workspace.clock()
    try:
        match answer.get("response_action"):
            case None:
                workspace.views.close(opened)
            case "errors":
                show_errors(opened, dict(answer.get("errors") or {}))
            case "update":
                workspace.views.update(opened, check_view(answer.get("view")), now=now)
            case "push":
                view = check_view(answer.get("view"))
                workspace.views.push(opened.user, view, now=now)
            case "clear":
                workspace.views.clear(opened.user)
            case unknown:
                opened.trouble = f"Slack knows no response_action {unknown!r}."
    except SlackRefusal as refusal:
        opened.trouble = "; ".join((refusal.code, *refusal.messages))


def show_errors(opened: OpenView, errors: dict[str, str]) -> None:
    """Slack shows errors at inputs of the view; for any other it shows trouble."""
    inputs = [one["block_id"] for one in opened.body["blocks"] if is_input(one)]
    unknown = [block_id for block_id in errors if block_id not in inputs]
    if unknown or not errors:
        opened.trouble = f"We had some trouble connecting (no input {unknown})."
    else:
        opened.errors = errors


def is_input(block: JsonObject) -> bool:
    return bool(block["type"] == "input")


def parse_object(body: str) -> JsonObject | None:
    try:
        parsed = json.loads(body)
    except ValueError:
        return None
    return parsed if isinstance(parsed, dict) else None

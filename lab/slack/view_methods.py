"""Answer the views.* methods."""

from lab.json_object import JsonObject
from lab.slack.refusal import SlackRefusal
from lab.slack.view_rules import check_view
from lab.slack.views import OpenView
from lab.slack.workspace import Workspace


def open_view(workspace: Workspace, arguments: JsonObject) -> JsonObject:
    """Open a modal; a refused view does not use its trigger up."""
    view = check_view(arguments.get("view"))
    now = workspace.clock()
    user = workspace.triggers.exchange(arguments.get("trigger_id"), now=now)
    return shown(workspace, workspace.views.open(user, view, now=now))


def push_view(workspace: Workspace, arguments: JsonObject) -> JsonObject:
    view = check_view(arguments.get("view"))
    now = workspace.clock()
    user = workspace.triggers.exchange(arguments.get("trigger_id"), now=now)
    return shown(workspace, workspace.views.push(user, view, now=now))


def publish_view(workspace: Workspace, arguments: JsonObject) -> JsonObject:
    """Set a person's Home; a stale `hash` is refused."""
    view = check_view(arguments.get("view"), surface="home")
    user = workspace.person(arguments.get("user_id")).user_id
    known = workspace.views.home(user)
    stands = known.body["hash"] if known else None
    if arguments.get("hash") not in (None, "", stands):
        raise SlackRefusal("hash_conflict")
    now = workspace.clock()
    return shown(workspace, workspace.views.publish(user, view, now=now))


def update_view(workspace: Workspace, arguments: JsonObject) -> JsonObject:
    view = check_view(arguments.get("view"))
    opened = workspace.views.find(
        arguments.get("view_id"), arguments.get("external_id")
    )
    if opened is None:
        raise SlackRefusal("view_not_found")
    if arguments.get("hash") not in (None, "", opened.body["hash"]):
        raise SlackRefusal("hash_conflict")
    workspace.views.update(opened, view, now=workspace.clock())
    return shown(workspace, opened)


def shown(workspace: Workspace, opened: OpenView) -> JsonObject:
    workspace.changes.announce()
    return {"ok": True, "view": opened.body}

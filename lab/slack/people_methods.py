"""Answer api.test, auth.test, team.info and the users.* methods."""

from lab.json_object import JsonObject
from lab.slack.conversation_methods import page_of
from lab.slack.directory import (
    BOT_ID,
    BOT_USER,
    TEAM_DOMAIN,
    TEAM_ID,
    TEAM_NAME,
    render_person,
    render_team,
)
from lab.slack.workspace import Workspace


def api_test(_workspace: Workspace, arguments: JsonObject) -> JsonObject:
    given = {name: arguments[name] for name in arguments if name != "token"}
    return {"ok": True, "args": given}


def auth_test(workspace: Workspace, _arguments: JsonObject) -> JsonObject:
    return {
        "ok": True,
        "url": f"https://{TEAM_DOMAIN}.slack.com/",
        "team": TEAM_NAME,
        "user": workspace.people[BOT_USER].name,
        "team_id": TEAM_ID,
        "user_id": BOT_USER,
        "bot_id": BOT_ID,
        "is_enterprise_install": False,
    }


def inspect_team(_workspace: Workspace, _arguments: JsonObject) -> JsonObject:
    return {"ok": True, "team": render_team()}


def inspect_person(workspace: Workspace, arguments: JsonObject) -> JsonObject:
    person = workspace.person(arguments.get("user"))
    return {"ok": True, "user": render_person(person)}


def list_people(workspace: Workspace, arguments: JsonObject) -> JsonObject:
    listed = [render_person(person) for person in workspace.people.values()]
    page, cursor = page_of(listed, arguments)
    return {
        "ok": True,
        "members": page,
        "cache_ts": int(workspace.clock()),
        "response_metadata": {"next_cursor": cursor},
    }

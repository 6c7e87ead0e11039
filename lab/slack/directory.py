"""Name the workspace, its channels, its people and the app."""

from dataclasses import dataclass

from lab.json_object import JsonObject

TEAM_ID = "T0GENME"
TEAM_NAME = "GenMe"
TEAM_DOMAIN = "genme"
APP_ID = "A0AUTOPILOT"
BOT_USER = "U0AUTOPILOT"
BOT_ID = "B0AUTOPILOT"
SCOPES = (
    "app_mentions:read,chat:write,commands,channels:history,files:write,im:history,"
    "im:write"
)


@dataclass(frozen=True)
class Person:
    user_id: str
    name: str
    real_name: str
    is_bot: bool = False


@dataclass(frozen=True)
class Channel:
    """`owner` is the one person of a direct message with the app; else empty."""

    channel_id: str
    name: str
    topic: str
    owner: str = ""

    @property
    def is_direct(self) -> bool:
        return bool(self.owner)


def people() -> dict[str, Person]:
    listed = (
        Person("U0OPERATOR", "operator", "Olu Operator"),
        Person("U0SECOND", "second", "Sam Second"),
        Person("U0GUEST", "guest", "Gil Guest"),
        Person(BOT_USER, "autopilot", "Ops Autopilot", is_bot=True),
    )
    return {person.user_id: person for person in listed}


def crowd(count: int) -> dict[str, Person]:
    """Give so many people more: U0CROWD01 and on."""
    listed = (
        Person(f"U0CROWD{one:02}", f"crowd{one:02}", f"Crowd {one:02}")
        for one in range(1, count + 1)
    )
    return {person.user_id: person for person in listed}


def channels() -> dict[str, Channel]:
    listed = (
        Channel("C0RELIABILITY", "ops-reliability", "Incidents of discourse and feed"),
        Channel("C0SAFETY", "ops-safety", "Trust and safety operations"),
        Channel("C0SUPPORT", "ops-support", "Support operations"),
        Channel("C0GENERAL", "general", "Everybody"),
    )
    direct = (
        Channel(f"D{user[1:]}", "autopilot", "You and the app alone", owner=user)
        for user, person in people().items()
        if not person.is_bot
    )
    return {channel.channel_id: channel for channel in (*listed, *direct)}


def render_person(person: Person) -> JsonObject:
    """Slack's `user` object, as far as an app reads it."""
    return {
        "id": person.user_id,
        "team_id": TEAM_ID,
        "name": person.name,
        "deleted": False,
        "real_name": person.real_name,
        "tz": "Etc/UTC",
        "tz_offset": 0,
        "profile": {
            "real_name": person.real_name,
            "display_name": person.name,
            "team": TEAM_ID,
        },
        "is_admin": False,
        "is_bot": person.is_bot,
        "is_restricted": person.name == "guest",
        "is_app_user": False,
        "updated": 1700000000,
    }


def render_channel(channel: Channel, members: int) -> JsonObject:
    """Slack's `channel` object; the bot is a member of each."""
    if channel.is_direct:
        return {
            "id": channel.channel_id,
            "is_im": True,
            "is_org_shared": False,
            "is_user_deleted": False,
            "user": channel.owner,
            "created": 1700000000,
        }
    return {
        "id": channel.channel_id,
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": True,
        "is_group": False,
        "is_im": False,
        "is_private": False,
        "is_archived": False,
        "is_general": channel.name == "general",
        "is_member": True,
        "is_shared": False,
        "is_ext_shared": False,
        "created": 1700000000,
        "creator": "U0OPERATOR",
        "topic": {"value": channel.topic, "creator": "U0OPERATOR", "last_set": 0},
        "purpose": {"value": channel.topic, "creator": "U0OPERATOR", "last_set": 0},
        "num_members": members,
    }


def render_team() -> JsonObject:
    return {
        "id": TEAM_ID,
        "name": TEAM_NAME,
        "domain": TEAM_DOMAIN,
        "email_domain": "",
        "icon": {"image_default": True},
    }

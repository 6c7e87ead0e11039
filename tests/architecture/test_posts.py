"""Every message goes to Slack through the module that has nothing unfurled."""

import ast

import pytest

from tests.architecture.sources import rooms

ONE_PLACE = "bot/posting.py"
# Who makes a client, an app or a connection of its own, and what goes over it.
_MAKERS = {
    "AsyncApp": {"bot/outbound/app.py": "the gate's own"},
    "AsyncWebClient": {
        "bot/outbound/client.py": "the gate's own",
        "bot/socket_mode.py": "apps.connections.open",
        "cli/doctor.py": "auth.test",
        "cli/processes.py": "put behind the gate in the next line",
        "cli/validate_live.py": "blocks.validate",
    },
    "ClientSession": {
        "bot/slack_channel.py": "a file's bytes, and what the gate let pass",
        "bot/sns.py": "Amazon's certificates",
        "cli/processes.py": "the client's session",
    },
}
# Slack's other clients, which nothing of ours needs.
_OTHERS = frozenset({"App", "WebClient", "WebhookClient", "AsyncWebhookClient"})
# The ways by which slack_sdk, Bolt and a response_url take a message.
_WAYS = frozenset(
    {
        *("chat_postMessage", "chat_postEphemeral", "chat_scheduleMessage"),
        *("chat_meMessage", "chat_startStream", "chat_stream", "chat_unfurl"),
        *("chat.postMessage", "chat.postEphemeral", "chat.scheduleMessage"),
        *("chat.meMessage", "chat.startStream", "replace_original"),
    }
)
_BOLTS = frozenset({"AsyncSay", "AsyncRespond", "AsyncSayStream"})
_POSTS = (
    'client.chat_postMessage(channel="C", text="x")',
    'client.api_call("chat.postMessage", json={})',
    'content = {"replace_original": True}',
    "async def clicked(self, ack, respond: AsyncRespond): ...",
)


def posts(tree: ast.AST) -> bool:
    """Tell whether it calls one of these, sends a call's name, or has Bolt say it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in _WAYS:
            return True
        if isinstance(node, ast.Name) and node.id in _BOLTS:
            return True
        if isinstance(node, ast.Dict):
            keys = {one.value for one in node.keys if isinstance(one, ast.Constant)}
            if keys & _WAYS:
                return True
        if isinstance(node, ast.Call) and _name(node) == "api_call":
            sent = {one.value for one in node.args if isinstance(one, ast.Constant)}
            if sent & _WAYS:
                return True
    return False


def test_one_module_posts() -> None:
    """A second one might forget a flag, and a link be fetched for a stranger."""
    sources = [one for one in rooms() if one.names[0] != "lab"]

    assert [ONE_PLACE] == [one.path for one in sources if posts(one.tree)]


@pytest.mark.parametrize("source", _POSTS)
def test_a_post_is_seen(source: str) -> None:
    """By each way that slack_sdk and Bolt have."""
    assert posts(ast.parse(source))


def test_only_what_the_gate_stands_before_talks_to_slack() -> None:
    """
    A client, an app or a connection of its own would send past the gate.

    What is listed is made there, and by nobody else.
    """
    made = {
        name: {
            one.path
            for one in rooms()
            if one.names[0] not in {"lab", "gateway"} and makes(one.tree, name)
        }
        for name in (*_MAKERS, *_OTHERS)
    }

    assert {name: set(_MAKERS.get(name, {})) for name in made} == made


@pytest.mark.parametrize(
    "source", ["AsyncApp(client=c)", "class Mine(AsyncApp): ...", "bolt.AsyncApp()"]
)
def test_what_is_made_is_seen(source: str) -> None:
    assert makes(ast.parse(source), "AsyncApp")


def makes(tree: ast.AST, name: str) -> bool:
    """Tell whether it calls a class of this name, or makes one of its own from it."""
    for node in ast.walk(tree):
        used = node.bases if isinstance(node, ast.ClassDef) else []
        if isinstance(node, ast.Call):
            used = [node.func]
        if any(ast.unparse(one).rpartition(".")[2] == name for one in used):
            return True
    return False


def test_a_response_url_is_answered_through_the_gate() -> None:
    """The one place that posts to it sends what the gate gave."""
    [source] = [one for one in rooms() if one.path == "bot/slack_channel.py"]
    [respond] = [one for one in source.functions() if one.name == "_respond"]
    sent = [
        ast.unparse(one)
        for one in ast.walk(respond)
        if isinstance(one, ast.Call) and _name(one) == "passed"
    ]

    assert ["self._client.gate.passed('response_url', said)"] == sent


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else ""

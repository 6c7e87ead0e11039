"""``/ops help freeze``: one command in full, with what can be typed."""

from collections.abc import Mapping

from bot.commands.command import Command, Needs

_WHO = {
    Needs.read: "Whoever may read here may use it.",
    Needs.open: "Whoever may open tasks here may use it.",
    Needs.act: "It is for people with a role in `people.yaml`.",
    Needs.switch: "`kill_switch` in `people.yaml` names the roles that may.",
}
_ID = "`id` ends a root message; its beginning will do, and in a thread none is needed."
_MORE: Mapping[str, tuple[tuple[str, ...], str]] = {
    "open": (
        ("open discourse: replies are slow", "open staging feed: 5xx"),
        "No environment: production. The service may be left out.",
    ),
    "tasks": (
        ("tasks", "tasks mine", "tasks waiting", "tasks safety"),
        "Ten at most, the most severe first; Home has them all.",
    ),
    "task": (("task 4d2ec69e",), _ID),
    "why": (("why 4d2ec69e",), _ID),
    "approve": (
        ("approve 4d2ec69e", "approve 4d2ec69e 8f21aa00"),
        "It decides nothing: it shows the cards, and you decide on what you see.",
    ),
    "reject": (
        ("reject 4d2ec69e", "reject 4d2ec69e 8f21aa00"),
        "It decides nothing: it shows the cards, and you decide on what you see.",
    ),
    "undo": (
        ("undo 4d2ec69e",),
        "The undo is a proposal of its own, judged and approved as any other.",
    ),
    "take": (("take 4d2ec69e",), "The run stops, and nothing more begins."),
    "back": (
        ("back 4d2ec69e it was the cache",),
        "It begins anew, with a new plan; the earlier evidence stays.",
    ),
    "close": (("close 4d2ec69e a false alarm",), "Why stands on the root message."),
    "mute": (("mute 4d2ec69e",), "No reminder, escalation or page comes for it."),
    "unmute": (("unmute 4d2ec69e",), _ID),
    "level": (
        ("level", "level withdraw 01af33c2"),
        "A grant is withdrawn by its id, which `/ops level` lists.",
    ),
    "evals": (("evals",), "Each edit and each rejection is a case."),
    "freeze": (
        ("freeze prod 30m bad deploy", "freeze toggle_feature_flag 2h odd flags"),
        "No environment: production; no tool: every write; no time: until a thaw.",
    ),
    "thaw": (("thaw prod", "thaw prod toggle_feature_flag"), "It says what stays."),
}


def explain(command: Command) -> str:
    """Say how a command is typed, what it does, and for whom it is."""
    examples, note = _MORE.get(command.verb, ((command.verb,), ""))
    typed = " · ".join(f"`/ops {one}`" for one in examples)
    lines = [
        f"*`/ops {command.usage}`* {command.what}.",
        f"For example {typed}",
        note,
        _WHO.get(command.needs, ""),
    ]
    return "\n".join(line for line in lines if line)

"""The root message: one per task, edited in place as the state changes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from bot.blocks.headline import headline
from bot.blocks.text import (
    Block,
    ago,
    bold,
    clean,
    context,
    moment,
    plain_text,
    section,
    span,
)
from policy.model_call import usd

_MARKS = {
    "queued": "⚪",
    "running": "🔵",
    "needs_approval": "🔴",
    "executing": "🟠",
    "completed": "✅",
    "failed_retryable": "🟡",
    "failed_terminal": "⛔",
    "escalated_to_human": "🙋",
}
_WORDS = {
    "queued": "queued",
    "running": "looking",
    "needs_approval": "needs approval",
    "executing": "executing",
    "completed": "closed",
    "failed_retryable": "failed, trying again",
    "failed_terminal": "failed",
    "escalated_to_human": "needs a person",
}
TAKE = "task:take"
HAND_BACK = "task:hand_back"
CLOSE = "task:close"
# What may be done while the autopilot has it, and once a person does.
_RUNNING = ("running",)
_OURS = ("queued", "needs_approval", "executing", "failed_retryable")
_PERSON = re.compile(r"[UWS][A-Z0-9]{2,}")


@dataclass(frozen=True, slots=True)
class Rendered:
    """One message: notification text and blocks."""

    text: str
    blocks: list[Block]


def render_root(facts: Mapping[str, object]) -> Rendered:
    """Two lines that a tired person decides from."""
    state = str(facts["state"])
    mark = _MARKS.get(state, "⚪")
    title = headline(facts["headline"] or facts["title"])
    since = f", since {moment(facts['opened_at'])}" if state != "completed" else ""
    parts = [
        f"*{_WORDS.get(state, state)}*",
        str(facts["severity"]),
        clean(facts["environment"]),
        str(facts["kind"]),
        clean(facts.get("service") or ""),
        f"agent {clean(facts['agent'])}",
        str(facts.get("level") or ""),
        _folded(facts),
        f"owner {clean(facts['owner'])}" if facts.get("owner") else "",
        f"muted by {clean(facts['muted_by'])}" if facts.get("muted_by") else "",
        mention(facts.get("people")),
        _age(facts),
        _cost(facts),
        f"`{facts['short_id']}`",
    ]
    blocks = [
        section(f"{mark} {bold(title)}{since}"),
        context(" · ".join(part for part in parts if part)),
    ]
    step = str(facts.get("next_step") or "")
    if step:
        blocks.append(context(clean(step, most=600)))
    buttons = _buttons(state, facts)
    if buttons and facts.get("task_id"):
        blocks.append(_actions(buttons, facts))
    return Rendered(f"{mark} {clean(title)} ({_WORDS.get(state, state)})", blocks)


def state_word(state: str) -> str:
    """Give a task's state in a person's words."""
    return _WORDS.get(state, state.replace("_", " "))


def _buttons(state: str, facts: Mapping[str, object]) -> list[tuple[str, str]]:
    """Stop is a take-over under the name that one looks for while something runs."""
    if state in _RUNNING:
        return [("Stop", TAKE)]
    if state in _OURS:
        return [("Hand back", HAND_BACK) if facts.get("owner") else ("Take over", TAKE)]
    if state != "escalated_to_human":
        return []
    theirs = [("Hand back", HAND_BACK), ("Close", CLOSE)]
    return theirs if facts.get("owner") else [("Take over", TAKE), *theirs]


def _actions(buttons: list[tuple[str, str]], facts: Mapping[str, object]) -> Block:
    """Say with each button whose the task is: who clicks saw that."""
    value = f"{facts['task_id']}.{facts.get('owner') or ''}"
    return {
        "type": "actions",
        "block_id": f"task:{facts['task_id']}",
        "elements": [
            {
                "type": "button",
                "action_id": action,
                "text": plain_text(text, most=75),
                "value": value,
            }
            for text, action in buttons
        ],
    }


def _folded(facts: Mapping[str, object]) -> str:
    count = facts.get("alerts")
    if not isinstance(count, int) or count < 2:  # noqa: PLR2004 - one is no fold
        return ""
    return f"{count:,} alerts folded"


def mention(named: object) -> str:
    """Name whom the route names; ids from routes.yaml, so that they may ping."""
    ids = [str(one) for one in named] if isinstance(named, list) else []
    return " ".join(
        f"<!subteam^{one}>" if one.startswith("S") else f"<@{one}>"
        for one in ids
        if _PERSON.fullmatch(one)
    )


def _cost(facts: Mapping[str, object]) -> str:
    """Say what its models cost so far; nothing where none did."""
    cost = facts.get("cost_microusd")
    return usd(cost) if isinstance(cost, int) and cost > 0 else ""


def _age(facts: Mapping[str, object]) -> str:
    """Say how long it is open, or was."""
    opened, closed = facts.get("opened_at"), facts.get("closed_at")
    if isinstance(opened, int | float) and isinstance(closed, int | float):
        return f"took {span(closed - opened)}"
    return f"opened {ago(opened)}"

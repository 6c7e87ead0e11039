"""Each command through the whole world: what is typed, and what one is told."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from cli.local_world import CHANNEL
from tests.journeys.stack import APPROVE, Stack, click_until_heard, running_stack, until

_SECONDS = 60.0
OPERATOR = "U0OPERATOR"
# Each verb with what its answer says while one card waits; ``{}`` is its task.
_ASKED = (
    ("", "waiting for you"),
    ("help", "`/ops approve id"),
    ("help freeze", "freeze prod 30m bad deploy"),
    ("tasks", "{}"),
    ("tasks waiting", "{}"),
    ("task {}", "discourse"),
    ("why {}", "prod-asks"),
    ("approve {}", "Decide on what you see"),
    ("reject {}", "Decide on what you see"),
    ("undo {}", "carried nothing out"),
    ("mute {}", "{}"),
    ("unmute {}", "{}"),
    ("level", "No grant holds"),
    ("freeze 5m rehearsal", "rozen"),
    ("thaw prod", "prod"),
    ("ask why", "/ops open"),
    ("agents", "agents list"),
    ("policy", "policy check"),
    ("evals", "No case yet"),
    ("postmortem", "not built"),
    ("aprove {}", "Did you mean `/ops approve`?"),
    ("task ffffffff", "No task `ffffffff`"),
)
_AFTERWARDS = (
    ("undo {}", "Asked to undo"),
    ("open discourse: replies are slow", "pened"),
)


async def told(stack: Stack, words: str) -> str:
    """Type a command; give what its person is newly told."""
    before = await whispers(stack)
    said = {"user": OPERATOR, "channel": CHANNEL, "command": "/ops", "text": words}
    answer = await stack.post("/lab/act/command", said)
    answer.raise_for_status()
    return "\n".join((await whispers(stack))[len(before) :])


async def whispers(stack: Stack) -> list[str]:
    found: Any = await stack.get(f"/lab/workspace?user={OPERATOR}")
    return [str(one) for one in found["messages"] if one["ephemeral"]]


async def unlike(
    stack: Stack, asked: Sequence[tuple[str, str]], task: str
) -> list[tuple[str, str]]:
    """Give each command whose answer is not what is wanted, with that answer."""
    found = []
    for words, wanted in asked:
        said = await told(stack, words.format(task))
        if wanted.format(task) not in said:
            found.append((words, said))
    return found


@pytest.mark.services
@pytest.mark.timeout(300)
async def test_each_command_is_answered(tmp_path: Path) -> None:
    """While a card waits, and once it was carried out; then the task is a person's."""
    async with running_stack(tmp_path) as stack:
        await stack.lab.break_platform("bad_flag")
        await until(lambda: _waits(stack), "a card waits", _SECONDS)
        [(task,)] = stack.rows("SELECT right(id::text, 8) FROM tasks")
        wrong = await unlike(stack, _ASKED, str(task))
        await click_until_heard(stack, APPROVE)
        await until(lambda: _is(stack, "completed"), "it is done", _SECONDS)
        wrong += await unlike(stack, _AFTERWARDS, str(task))
        [(opened,)] = stack.rows(
            "SELECT right(id::text, 8) FROM tasks WHERE title LIKE '%are slow%'"
        )
        acts = (("take {}", "{}"), ("back {}", "{}"), ("close {} enough", "{}"))
        wrong += await unlike(stack, acts, str(opened))

    assert [] == wrong


async def _waits(stack: Stack) -> bool:
    return bool(stack.rows("SELECT 1 FROM proposals WHERE expires_at IS NOT NULL"))


async def _is(stack: Stack, state: str) -> bool:
    return (state,) in stack.rows("SELECT state FROM tasks")

"""Verbs whose parts are not built yet: each says so in one line."""

from collections.abc import Awaitable, Callable

from bot.commands.command import Asked, Command, Needs, Said

_LATER = {
    "ask": "Questions are not answered yet; `/ops open` opens a task instead.",
    "agents": "Agents are not listed here yet; `autopilot agents list` does.",
    "policy": "Policy is read with `autopilot policy check` so far.",
    "postmortem": "Postmortems are not built yet; `autopilot audit case` has facts.",
}


def commands() -> list[Command]:
    return [
        Command(verb, verb, "not built yet", Needs.nothing, _saying(text))
        for verb, text in _LATER.items()
    ]


def _saying(text: str) -> Callable[[Asked], Awaitable[Said]]:
    async def say(_asked: Asked) -> Said:
        return Said(text)

    return say

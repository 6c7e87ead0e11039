"""``/ops open``: a task from a person's words."""

import re
from dataclasses import dataclass

from bot.commands.command import Asked, Command, Needs, Said
from orchestrator import intake
from orchestrator.intake import Reception
from storage.database import Database
from storage.inbox import Delivery

_SERVICE = re.compile(r"^([a-z][a-z0-9-]{1,60})\s*:\s*(.+)$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Opening:
    database: Database
    reception: Reception

    def commands(self) -> list[Command]:
        what = "opens a task in its channel"
        return [Command("open", "open service: what is wrong", what, Needs.open, self)]

    async def __call__(self, asked: Asked) -> Said:
        if not asked.words:
            return Said("Say what is wrong: `/ops open discourse: replies are slow`")
        named = _SERVICE.match(asked.words)
        task = await intake.open_by_person(
            self.database,
            asked.scopes[0],
            delivery=Delivery(
                source="slack",
                delivery_id=asked.key,
                kind="open",
                payload={"user": asked.user},
            ),
            title=asked.words,
            service=named[1] if named else None,
            reception=self.reception,
        )
        if task is None:
            return Said("That request came before; its task is open already.")
        return Said(f"Opened task `{task.short_id}` in <#{task.channel}>.")

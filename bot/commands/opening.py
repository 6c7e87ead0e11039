"""``/ops open``: a task from a person's words."""

import re
from dataclasses import dataclass

from bot.blocks.text import clean
from bot.commands.command import Asked, Command, Needs, Said
from bot.environments import NoEnvironment, list_others, pick, read
from orchestrator import intake
from orchestrator.intake import MOST_TITLE, Reception
from storage.database import Database
from storage.inbox import Delivery

_SERVICE = re.compile(r"^([a-z][a-z0-9-]{1,60})\s*:\s*(.+)$", re.DOTALL)
_HOW = "Name it first: `/ops open staging discourse: replies are slow`"


@dataclass(frozen=True, slots=True)
class Opening:
    database: Database
    reception: Reception

    def commands(self) -> list[Command]:
        what = "opens a task in its channel"
        return [
            Command(
                "open",
                "open [environment] service: what is wrong",
                what,
                Needs.open,
                self,
            )
        ]

    async def __call__(self, asked: Asked) -> Said:
        if not asked.words:
            return Said("Say what is wrong: `/ops open discourse: replies are slow`")
        first, rest = [*asked.words.split(maxsplit=1), ""][:2]
        try:
            others = await list_others(self.database, asked.scopes)
            environment = read(first.strip(":"), asked.scopes, others)
            scope = pick(asked.scopes, environment)
        except NoEnvironment as exc:
            return Said(f"Nothing was opened: {clean(str(exc))}.\n{_HOW}")
        named = _SERVICE.match(rest.strip() if environment else asked.words)
        opened = await intake.open_by_person(
            self.database,
            scope,
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
        where = f" ({scope.environment})" if len(asked.scopes) > 1 else ""
        task, how = opened.task, "Opened already:" if opened.again else "Opened"
        said = f"{how} task `{task.short_id}` in <#{task.channel}>{where}."
        if len(asked.words) > MOST_TITLE:
            said += " Its title holds the beginning; say the rest in its thread."
        return Said(said)

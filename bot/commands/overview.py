"""``/ops`` alone: what waits for me, the state in a line, three examples."""

from dataclasses import dataclass

from bot.blocks.card import title_of
from bot.blocks.permalink import linked
from bot.commands.command import Asked, Command, Needs, Said
from bot.links import Links
from bot.overview import gather
from storage.database import Database

_MOST = 5
_EXAMPLES = "`/ops open discourse: replies are slow` · `/ops tasks mine` · `/ops help`"


@dataclass(frozen=True, slots=True)
class Overview:
    database: Database
    links: Links

    def commands(self) -> list[Command]:
        return [Command("", "", "shows what waits for you", Needs.read, self)]

    async def __call__(self, asked: Asked) -> Said:
        base = await self.links.base()
        found = await gather(self.database, asked.scopes, asked.person, base)
        mine = [one for one in found.pending if one.for_me]
        others = len(found.pending) - len(mine)
        lines = [
            f"• *{linked(title_of(one.card), one.address)}* · `/ops approve {one.task}`"
            for one in mine[:_MOST]
        ]
        if len(mine) > _MOST:
            lines.append(f"• and {len(mine) - _MOST} more, on the app's Home")
        head = f"*{len(mine)} waiting for you*" if mine else "*Nothing waits for you.*"
        if others:
            head += f" {others} for others."
        state = found.state or ["✅ No freeze, no storm."]
        return Said("\n".join([head, *lines, *state, _EXAMPLES]))

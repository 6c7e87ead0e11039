"""``/ops`` alone: what waits for me, the state in a line, three examples."""

from dataclasses import dataclass

from bot.blocks.permalink import linked
from bot.blocks.what import title_of
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
        count = len(mine) + found.left_mine
        others = len(found.pending) + found.left - count
        lines = [
            f"• *{linked(title_of(one.card), one.address)}* · `/ops approve {one.task}`"
            for one in mine[:_MOST]
        ]
        more = count - len(mine[:_MOST])
        if more > 0:
            lines.append(f"• and {more} more; `/ops tasks waiting` lists their tasks")
        head = f"*{count} waiting for you*" if count else "*Nothing waits for you.*"
        if others:
            head += f" {others} for others."
        state = found.state or ["✅ No freeze, no storm."]
        return Said("\n".join([head, *lines, *state, _EXAMPLES]))

"""``/ops evals``: how many cases people's decisions have made for the evals to come."""

from collections import Counter
from dataclasses import dataclass

from bot.commands.command import Asked, Command, Needs, Said
from policy.eval_case import EvalCaseKind
from storage import eval_cases
from storage.database import Database
from storage.steps import Step

_LATER = (
    "Evals that ask agents about them again are not built yet; "
    "`autopilot evals cases` lists the cases."
)


@dataclass(frozen=True, slots=True)
class Evals:
    database: Database

    def commands(self) -> list[Command]:
        says = "counts what people edited or rejected; evals of it come later"
        return [Command("evals", "evals", says, Needs.read, self.answer)]

    async def answer(self, asked: Asked) -> Said:
        found: Counter[EvalCaseKind] = Counter()
        for scope in asked.scopes:
            async with self.database.transaction(scope, Step.read_view) as tx:
                found.update(await eval_cases.count(tx))
        return Said(f"{_count(found)} {_LATER}")


def _count(found: Counter[EvalCaseKind]) -> str:
    if not found.total():
        return "No case yet: each edit and each rejection of a card makes one."
    cases = "1 case" if found.total() == 1 else f"{found.total():,} cases"
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in found.items() if count)
    return f"{cases} from people's decisions: {kinds}."

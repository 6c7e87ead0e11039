"""``/ops``: short answers, for one person's eyes, with the next thing to do."""

from collections.abc import Mapping
from dataclasses import dataclass

from slack_bolt.async_app import AsyncAck, AsyncApp

from bot.blocks.opening import unescaped
from bot.commands.command import Asked, Said
from bot.commands.registry import Registry
from bot.identity import NotHere, find_scopes
from bot.metrics import Metrics
from bot.origin import Kind, Origin
from storage.database import Database


@dataclass(frozen=True, slots=True)
class Commands:
    """The slash command, over its process's database."""

    database: Database
    metrics: Metrics
    registry: Registry

    def register(self, app: AsyncApp) -> None:
        app.command("/ops")(self.answer)

    async def answer(self, ack: AsyncAck, command: dict[str, object]) -> None:
        words = unescaped(str(command.get("text") or "").strip())
        command_ = self.registry.find(words)
        known = f"/ops {command_.verb}" if command_ else "/ops"
        self.metrics.clicks.labels(kind=known.strip()).inc()
        try:
            said = await self._said(words, command)
        except NotHere as exc:
            said = Said(str(exc))
        await ack(
            text=said.text,
            blocks=said.shown,
            response_type="ephemeral",
            unfurl_links=False,
            unfurl_media=False,
        )

    async def _said(self, words: str, command: Mapping[str, object]) -> Said:
        user = str(command.get("user_id", ""))
        scopes = await find_scopes(self.database, str(command.get("team_id", "")))
        return await self.registry.answer(
            Asked(
                words=words,
                user=user,
                person=self.registry.people.find_by_slack(user),
                scopes=scopes,
                key=f"command:{command.get('trigger_id')}",
                origin=Origin(Kind.typed, channel=str(command.get("channel_id", ""))),
            )
        )

"""Serve what people do, for the page, for tests and for the demo."""

from typing import Annotated

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, ConfigDict, Field

from lab.json_object import JsonObject
from lab.slack.courier import Outcome
from lab.slack.input_state import Values
from lab.slack.persons import Click, InputRefused, NothingThere, Persons
from lab.slack.refusal import SlackRefusal


class Act(BaseModel):
    model_config = ConfigDict(extra="forbid")

    user: str


class Say(Act):
    channel: str
    text: Annotated[str, Field(min_length=1, max_length=40_000)]
    thread_ts: str | None = None


class Command(Act):
    channel: str
    command: Annotated[str, Field(pattern="^/")]
    text: str = ""
    thread_ts: str | None = None


class ClickAct(Act):
    """In a message (`channel` and `message_ts`) or in an open view (`view_id`)."""

    action_id: str
    channel: str = ""
    message_ts: str = ""
    view_id: str | None = None
    block_id: str | None = None
    value: str | None = None
    selected_option: JsonObject | str | None = None
    selected: JsonObject | list[JsonObject] | str | None = None
    stale: bool = False
    values: Values = Field(default_factory=dict)

    def click(self) -> Click:
        chosen = self.selected if self.selected_option is None else self.selected_option
        return Click(self.action_id, self.block_id, self.value, chosen, self.stale)


class Submit(Act):
    view_id: str
    values: Values = Field(default_factory=dict)


class Shortcut(Act):
    """Global, or on the message that `channel` and `message_ts` name."""

    callback_id: Annotated[str, Field(min_length=1, max_length=255)]
    channel: str = ""
    message_ts: str = ""


class Close(Act):
    view_id: str


class Acts:
    def __init__(self, persons: Persons) -> None:
        self._persons = persons

    def router(self) -> APIRouter:
        router = APIRouter(prefix="/lab/act")
        for path, endpoint in (
            ("/say", self.say),
            ("/home", self.home),
            ("/shortcut", self.shortcut),
            ("/command", self.command),
            ("/click", self.click),
            ("/submit", self.submit),
            ("/close", self.close),
        ):
            router.add_api_route(path, endpoint, methods=["POST"])
        return router

    async def say(self, act: Say) -> JsonObject:
        """Plain words are stored; what is said to the app is told to it."""
        try:
            message = await self._persons.say(
                act.user, act.channel, text=act.text, thread_ts=act.thread_ts
            )
        except SlackRefusal as refusal:
            raise HTTPException(404, detail=refusal.code) from refusal
        return {"ok": True, "ts": message.ts}

    async def home(self, act: Act) -> JsonObject:
        try:
            outcome = await self._persons.open_home(act.user)
        except SlackRefusal as refusal:
            raise HTTPException(404, detail=refusal.code) from refusal
        return outcome.rendered()

    async def shortcut(self, act: Shortcut) -> JsonObject:
        try:
            outcome = await self._shortcut(act)
        except (NothingThere, SlackRefusal) as gone:
            raise HTTPException(404, detail=str(gone)) from gone
        return outcome.rendered()

    async def command(self, act: Command) -> JsonObject:
        try:
            outcome = await self._persons.command(
                act.user,
                act.channel,
                command=act.command,
                text=act.text,
                thread_ts=act.thread_ts,
            )
        except SlackRefusal as refusal:
            raise HTTPException(404, detail=refusal.code) from refusal
        return outcome.rendered()

    async def click(self, act: ClickAct) -> JsonObject:
        try:
            return (await self._clicked(act)).rendered()
        except (NothingThere, SlackRefusal) as gone:
            raise HTTPException(404, detail=str(gone)) from gone

    async def submit(self, act: Submit) -> JsonObject:
        try:
            outcome = await self._persons.submit(act.user, act.view_id, act.values)
        except (NothingThere, SlackRefusal) as gone:
            raise HTTPException(404, detail=str(gone)) from gone
        except InputRefused as refused:
            raise HTTPException(422, detail={"errors": refused.errors}) from refused
        return outcome.rendered()

    async def close(self, act: Close) -> JsonObject:
        try:
            outcome = await self._persons.close(act.user, act.view_id)
        except (NothingThere, SlackRefusal) as gone:
            raise HTTPException(404, detail=str(gone)) from gone
        return outcome.rendered()

    async def _shortcut(self, act: Shortcut) -> Outcome:
        if not act.message_ts:
            return await self._persons.shortcut(act.user, act.callback_id)
        return await self._persons.message_shortcut(
            act.user,
            act.callback_id,
            channel_id=act.channel,
            message_ts=act.message_ts,
        )

    async def _clicked(self, act: ClickAct) -> Outcome:
        click = act.click()
        if act.view_id is not None:
            return await self._persons.click_in_view(
                act.user, act.view_id, click, act.values
            )
        return await self._persons.click(act.user, act.channel, act.message_ts, click)

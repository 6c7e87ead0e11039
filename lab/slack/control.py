"""Serve the workspace's state, its faults, its deliveries and its counters."""

from collections import Counter
from collections.abc import AsyncIterator

from fastapi import APIRouter, HTTPException
from fastapi.responses import Response, StreamingResponse
from pydantic import BaseModel, Field

from lab.changes import ChangeFeed
from lab.fault import FaultPlan
from lab.json_object import JsonObject
from lab.slack.courier import Courier
from lab.slack.directory import BOT_USER, render_channel, render_person, render_team
from lab.slack.message import Message, render_message
from lab.slack.slack_faults import SlackFault
from lab.slack.sockets import Sockets
from lab.slack.workspace import Workspace

KEEP_ALIVE_SECONDS = 15.0


class Again(BaseModel):
    index: int


class Limits(BaseModel):
    on: bool


class Order(BaseModel):
    """`twice`: so many deliveries more; `hold` events, or release them."""

    twice: int | None = Field(default=None, ge=0, le=10_000)
    hold: bool | None = None


class Leave(BaseModel):
    user: str
    channel: str


class WorkspaceControl:
    def __init__(
        self,
        workspace: Workspace,
        courier: Courier,
        faults: FaultPlan,
        sockets: Sockets | None = None,
    ) -> None:
        self._sockets = sockets or Sockets()
        self._workspace = workspace
        self._courier = courier
        self._faults = faults

    def router(self) -> APIRouter:
        router = APIRouter(prefix="/lab")
        get, post = ["GET"], ["POST"]
        for path, endpoint, methods in (
            ("/workspace", self.workspace, get),
            ("/workspace/stream", self.stream, get),
            ("/faults", self.arm, post),
            ("/faults", self.armed, get),
            ("/faults", self.clear, ["DELETE"]),
            ("/deliveries", self.deliveries, get),
            ("/leave", self.leave, post),
            ("/deliver-again", self.deliver_again, post),
            ("/slack/order", self.order, post),
            ("/slack/stats", self.stats, get),
            ("/slack/rates", self.limit, post),
            ("/slack/sockets/refresh", self.refresh, post),
            ("/slack/sockets/cut", self.cut, post),
            ("/files/{file_id}", self.file, get),
        ):
            router.add_api_route(path, endpoint, methods=methods, response_model=None)
        return router

    async def workspace(self, user: str = "U0OPERATOR") -> JsonObject:
        workspace = self._workspace
        opened, home = workspace.views.top(user), workspace.views.home(user)
        return {
            "version": workspace.changes.version,
            "team": render_team(),
            "user": user,
            "channels": [
                render_channel(channel, len(workspace.people))
                for channel in workspace.channels.values()
                if channel.owner in ("", user)
            ],
            "people": [render_person(p) for p in workspace.people.values()],
            "messages": [
                self._shown(message)
                for message in workspace.messages.all()
                if message.only_for in (None, user)
                and workspace.channel(message.channel).owner in ("", user)
            ],
            "view": opened.rendered() if opened else None,
            "home": home.rendered() if home else None,
        }

    async def stream(self) -> StreamingResponse:
        return StreamingResponse(
            change_events(self._workspace.changes),
            media_type="text/event-stream",
            headers={"cache-control": "no-store"},
        )

    async def arm(self, fault: SlackFault) -> JsonObject:
        self._faults.arm(fault.armed())
        return await self.armed()

    async def armed(self) -> JsonObject:
        return {"faults": self._faults.listed("/api")}

    async def clear(self) -> JsonObject:
        self._faults.clear("/api")
        return await self.armed()

    async def deliveries(self) -> JsonObject:
        return {"deliveries": self._courier.listed()}

    async def leave(self, leave: Leave) -> JsonObject:
        """Take a person out of a channel: nobody whispers to them there."""
        self._workspace.left.add((leave.user, leave.channel))
        return {"ok": True}

    async def limit(self, limits: Limits) -> JsonObject:
        """Limit the app as Slack does, or no longer."""
        self._workspace.rates.on = limits.on
        return {"ok": True}

    async def refresh(self) -> JsonObject:
        """Ask for each connection to be opened anew, as Slack does now and then."""
        return {"ok": True, "asked": await self._sockets.refresh()}

    async def cut(self) -> JsonObject:
        """Close each connection of Socket Mode without a word."""
        return {"ok": True, "cut": await self._sockets.cut()}

    async def deliver_again(self, again: Again) -> JsonObject:
        try:
            outcome = await self._courier.deliver_again(again.index)
        except IndexError as missing:
            raise HTTPException(
                404, detail=f"no delivery {again.index}; see /lab/deliveries"
            ) from missing
        return outcome.rendered()

    async def order(self, order: Order) -> JsonObject:
        """Send the next deliveries twice, and events late, the newest first."""
        if order.twice is not None:
            self._courier.twice = order.twice
        released = 0
        if order.hold:
            self._courier.hold()
        elif order.hold is not None:
            released = await self._courier.release()
        return {"ok": True, "released": released}

    async def file(self, file_id: str) -> Response:
        """Serve a picture that an app uploaded, for the page."""
        found = self._workspace.files.find(file_id)
        if found is None:
            raise HTTPException(404, detail=f"no file {file_id}")
        headers = {"x-content-type-options": "nosniff"}
        return Response(found.content, media_type="image/png", headers=headers)

    async def stats(self) -> JsonObject:
        """Count the bot's posts; ephemerals apart."""
        mine = [m for m in self._workspace.messages.all() if m.user == BOT_USER]
        lasting = [message for message in mine if message.only_for is None]
        return {
            "posts": Counter(message.channel for message in lasting),
            "thread_roots": Counter(m.channel for m in lasting if m.is_root),
            "ephemerals": Counter(m.channel for m in mine if m.only_for is not None),
            "updates": self._workspace.messages.updates,
            "refused_by_rate": dict(self._workspace.rates.refused),
        }

    def _shown(self, message: Message) -> JsonObject:
        store = self._workspace.messages
        replies = store.replies(message) if message.is_root else []
        return render_message(message, replies) | {
            "channel": message.channel,
            "ephemeral": message.only_for is not None,
            "error": message.is_error,
            "unfurls": message.unfurls,
        }


async def change_events(changes: ChangeFeed) -> AsyncIterator[str]:
    """Yield server-sent events: the present version at once, then each change."""
    version = changes.version
    yield f'event: change\ndata: {{"version": {version}}}\n\n'
    while True:
        newest = await changes.wait_beyond(version, timeout_seconds=KEEP_ALIVE_SECONDS)
        if newest == version:
            yield ": still here\n\n"
        else:
            version = newest
            yield f'event: change\ndata: {{"version": {version}}}\n\n'

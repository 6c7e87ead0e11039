"""Serve `/api/…`: find the method, check the token, answer as Slack does."""

import hmac
from collections.abc import Callable, Mapping

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from lab.json_object import JsonObject
from lab.slack import (
    chat_methods,
    conversation_methods,
    file_methods,
    people_methods,
    validate_method,
    view_methods,
)
from lab.slack.arguments import flag, read_arguments, unfurls
from lab.slack.refusal import SlackRefusal
from lab.slack.response_urls import ResponseUrl
from lab.slack.sockets import Sockets
from lab.slack.workspace import Workspace

Method = Callable[[Workspace, JsonObject], JsonObject]


class WebApi:
    def __init__(
        self, workspace: Workspace, bot_token: str, sockets: Sockets | None = None
    ) -> None:
        self._workspace = workspace
        self._sockets = sockets or Sockets()
        self._bot_token = bot_token
        self._methods = methods()

    def router(self) -> APIRouter:
        router = APIRouter(prefix="/api")
        router.add_api_route("/response/{secret}", self.respond, methods=["POST"])
        router.add_api_route("/upload/{secret}", self.upload, methods=["POST"])
        router.add_api_websocket_route("/socket/{ticket}", self._sockets.serve)
        router.add_api_route("/{method}", self.call, methods=["GET", "POST"])
        return router

    async def call(self, method: str, request: Request) -> JSONResponse:
        headers = {"x-oauth-scopes": self._workspace.scopes}
        try:
            arguments = await read_arguments(request)
            wait = self._wait(method, arguments)
            if wait > 0:
                headers["retry-after"] = str(wait)
                return JSONResponse({"ok": False, "error": "ratelimited"}, 429, headers)
            if method == "apps.connections.open":
                where = str(request.base_url)
                answer = self._sockets.issue(bearer_of(request), where)
            else:
                answer = self._answer(method, arguments, bearer_of(request))
        except SlackRefusal as refusal:
            return JSONResponse(refusal.rendered(), headers=headers)
        if "upload_url" in answer:
            answer["upload_url"] = f"{request.base_url}api{answer['upload_url']}"
        return JSONResponse(answer, headers=headers)

    async def upload(self, secret: str, request: Request) -> JSONResponse:
        """Take a file's bytes; the address is its own permission."""
        try:
            self._workspace.files.receive(secret, await request.body())
        except SlackRefusal as refusal:
            return JSONResponse(refusal.rendered(), 400)
        return JSONResponse({"ok": True})

    async def respond(self, secret: str, request: Request) -> JSONResponse:
        """Take a post to a response URL; it needs no token."""
        try:
            content = await read_arguments(request)
            now = self._workspace.clock()
            target = self._workspace.response_urls.use(secret, now=now)
            apply_response(self._workspace, target, content)
        except SlackRefusal as refusal:
            return JSONResponse(refusal.rendered(), 404)
        return JSONResponse({"ok": True})

    def _wait(self, name: str, arguments: JsonObject) -> int:
        rates, now = self._workspace.rates, self._workspace.clock()
        return rates.take(name, str(arguments.get("channel") or ""), now=now)

    def _answer(self, name: str, arguments: JsonObject, bearer: str) -> JsonObject:
        method = self._methods.get(name)
        if method is None:
            raise SlackRefusal("unknown_method")
        if name != "api.test":
            self._check_token(bearer or str(arguments.get("token") or ""))
        return method(self._workspace, arguments)

    def _check_token(self, token: str) -> None:
        if not token:
            raise SlackRefusal("not_authed")
        if not hmac.compare_digest(token.encode(), self._bot_token.encode()):
            raise SlackRefusal("invalid_auth")


def methods() -> Mapping[str, Method]:
    return {
        "api.test": people_methods.api_test,
        "auth.test": people_methods.auth_test,
        "team.info": people_methods.inspect_team,
        "users.info": people_methods.inspect_person,
        "users.list": people_methods.list_people,
        "blocks.validate": validate_method.validate,
        "chat.postMessage": chat_methods.post_message,
        "chat.update": chat_methods.update,
        "chat.postEphemeral": chat_methods.post_ephemeral,
        "chat.getPermalink": chat_methods.get_permalink,
        "conversations.list": conversation_methods.list_channels,
        "conversations.info": conversation_methods.inspect,
        "conversations.join": conversation_methods.join,
        "conversations.open": conversation_methods.open_direct,
        "conversations.history": conversation_methods.history,
        "conversations.replies": conversation_methods.replies,
        "views.open": view_methods.open_view,
        "views.push": view_methods.push_view,
        "views.publish": view_methods.publish_view,
        "files.getUploadURLExternal": file_methods.ask_for_address,
        "files.completeUploadExternal": file_methods.complete,
        "views.update": view_methods.update_view,
    }


def bearer_of(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def apply_response(
    workspace: Workspace, target: ResponseUrl, content: JsonObject
) -> None:
    """Replace or delete the message it came from, or say something new."""
    source = (
        workspace.messages.find(target.channel, target.message_ts)
        if target.message_ts
        else None
    )
    if source is not None and flag(content, "delete_original"):
        workspace.messages.remove(source)
        workspace.changes.announce()
    elif source is not None and flag(content, "replace_original"):
        workspace.edit(source, content)
        source.unfurls = unfurls(content)
    else:
        in_channel = content.get("response_type") == "in_channel"
        workspace.say_from_app(
            content,
            channel=target.channel,
            thread_ts=target.thread_ts,
            only_for=None if in_channel else target.user,
        )

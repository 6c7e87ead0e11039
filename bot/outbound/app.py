"""Bolt's app, whose listeners' client and whose answers pass the gate."""

import json
from collections.abc import Awaitable, Callable

from slack_bolt.async_app import AsyncApp, AsyncBoltRequest
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.response import BoltResponse

from bot.outbound.client import OutboundClient

Authorize = Callable[[str | None, str | None], Awaitable[AuthorizeResult]]


class OutboundApp(AsyncApp):
    """
    Takes requests over HTTP or Socket Mode.

    Bolt makes a plain client for each request; listeners get one behind the gate.
    """

    def __init__(
        self, client: OutboundClient, *, authorize: Authorize, signing_secret: str
    ) -> None:
        # process_before_response: Bolt's default answers through a 10 ms poll.
        super().__init__(
            client=client,
            authorize=authorize,
            signing_secret=signing_secret,
            process_before_response=True,
            raise_error_for_unhandled_request=True,
        )
        self._gate = client.gate
        self.use(self._hand_over)

    async def async_dispatch(self, req: AsyncBoltRequest) -> BoltResponse:
        """
        Answer a request with what the gate let pass.

        Raises:
            NotSendable: the gate is strict, and the answer does not fit.
        """
        response = await super().async_dispatch(req)
        if response.body.startswith("{"):
            content = json.loads(response.body)
            passed = self._gate.passed("answer", content, is_awaited=True)
            if passed != content:
                response.body = json.dumps(passed)
        return response

    async def _hand_over(
        self, request: AsyncBoltRequest, next_: Callable[[], Awaitable[object]]
    ) -> None:
        if request.context.client is not None:
            gated = OutboundClient(request.context.client, self._gate)
            request.context["client"] = gated
        await next_()

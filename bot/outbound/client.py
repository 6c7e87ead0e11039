"""The Web API's client whose every call passes the gate."""

from collections.abc import Mapping

from aiohttp import FormData
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.outbound.gate import Gate

# Asks Slack what it thinks of a payload; nobody is shown it.
_ASKED_ONLY = frozenset({"blocks.validate"})


class OutboundClient(AsyncWebClient):
    """
    As ``like``, behind ``gate``.

    All methods of slack_sdk's client go through ``api_call``; so do its streams.
    """

    def __init__(self, like: AsyncWebClient, gate: Gate) -> None:
        super().__init__(
            token=like.token,
            base_url=like.base_url,
            timeout=like.timeout,
            ssl=like.ssl,
            proxy=like.proxy,
            session=like.session,
            trust_env_in_session=like.trust_env_in_session,
            headers=like.headers,
            team_id=like.default_params.get("team_id"),
            logger=like.logger,
            retry_handlers=[*like.retry_handlers],
        )
        self.gate = gate

    async def api_call(  # noqa: PLR0913 - slack_sdk's own signature
        self,
        api_method: str,
        *,
        http_verb: str = "POST",
        files: dict[str, object] | None = None,
        data: dict[str, object] | FormData | None = None,
        params: dict[str, object] | None = None,
        json: dict[str, object] | None = None,
        headers: dict[str, object] | None = None,
        auth: dict[str, object] | None = None,
    ) -> AsyncSlackResponse:
        """
        Call a method with what the gate let pass.

        Raises:
            NotSendable: the gate is strict, and something does not fit.
        """
        if api_method not in _ASKED_ONLY:
            json = self._passed(api_method, json)
            params = self._passed(api_method, params)
            if isinstance(data, Mapping):
                data = self._passed(api_method, data)
        return await super().api_call(
            api_method,
            http_verb=http_verb,
            files=files,
            data=data,
            params=params,
            json=json,
            headers=headers,
            auth=auth,
        )

    def _passed(
        self, api_method: str, content: dict[str, object] | None
    ) -> dict[str, object] | None:
        return None if content is None else self.gate.passed(api_method, content)

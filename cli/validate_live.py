"""
``autopilot slack validate-live``: Slack itself judges what this release sends.

It is the only authority on what Slack takes; everything else here is read from its
documents. Nothing is posted, and ``blocks.validate`` asks for no scope.
"""

from collections.abc import Mapping
from datetime import datetime

from aiohttp import ClientError
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import AsyncRateLimitErrorRetryHandler
from slack_sdk.web.async_client import AsyncWebClient

from bot.golden import golden_payloads

_REFUSED = frozenset({"invalid_blocks", "invalid_message", "invalid_view"})
_MOST_WAITS = 10
_TOLD = 3


class LiveSettings(BaseSettings):
    """A workspace's app, as the courier has it."""

    model_config = SettingsConfigDict(extra="ignore")

    slack_bot_token: str = Field(default="", alias="SLACK_BOT_TOKEN")
    slack_api_url: str = Field(default="https://slack.com/api/", alias="SLACK_API_URL")


async def validate_live(settings: LiveSettings, *, now: datetime) -> int:
    """Give 0 if Slack takes every payload; say which it does not take, and why."""
    if not settings.slack_bot_token:
        return _not_run("SLACK_BOT_TOKEN is not set; set it to an app's xoxb-…")
    client = AsyncWebClient(
        token=settings.slack_bot_token,
        base_url=settings.slack_api_url,
        retry_handlers=[AsyncRateLimitErrorRetryHandler(max_retry_count=_MOST_WAITS)],
    )
    payloads = golden_payloads()
    refused = {}
    for name, payload in payloads.items():
        try:
            await _ask(client, payload)
        except SlackApiError as exc:
            code = str(exc.response.get("error"))
            if code not in _REFUSED:
                return _not_run(f"blocks.validate: {code}; check SLACK_BOT_TOKEN")
            refused[name] = _said(exc.response.get("errors"))
        except (ClientError, OSError, TimeoutError, ValueError) as exc:
            why = f"{settings.slack_api_url} gives no answer ({type(exc).__name__})"
            return _not_run(f"{why}; run it where Slack can be reached")
    for name, said in refused.items():
        print(f"{name}: {said}")
    took = len(payloads) - len(refused)
    print(f"{now:%Y-%m-%d}: Slack takes {took} of {len(payloads)} payloads")
    return 1 if refused else 0


async def _ask(client: AsyncWebClient, payload: Mapping[str, object]) -> None:
    if "type" in payload:
        await client.blocks_validate(view=dict(payload))
    else:
        await client.blocks_validate(message=dict(payload))


def _said(errors: object) -> str:
    """Give the first errors of a payload, by their places."""
    found = errors if isinstance(errors, list) else []
    said = [
        f"{one.get('pointer')}: {one.get('message')}"
        for one in found[:_TOLD]
        if isinstance(one, Mapping)
    ]
    return "; ".join(said) or "refused"


def _not_run(why: str) -> int:
    print(f"not validated by Slack: {why}")
    return 1

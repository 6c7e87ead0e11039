"""Issue response URLs: five uses within thirty minutes."""

import secrets
from dataclasses import dataclass

from lab.slack.limits import RESPONSE_URL_SECONDS, RESPONSE_URL_USES
from lab.slack.refusal import SlackRefusal


@dataclass
class ResponseUrl:
    """`message_ts` is the message whose button was clicked, if there was one."""

    user: str
    channel: str
    issued_at: float
    message_ts: str | None = None
    thread_ts: str | None = None
    uses: int = 0


class ResponseUrls:
    def __init__(self, base_url: str) -> None:
        self._base_url = base_url
        self._issued: dict[str, ResponseUrl] = {}

    def issue(self, target: ResponseUrl) -> str:
        secret = secrets.token_urlsafe(24)
        self._issued[secret] = target
        return f"{self._base_url}/api/response/{secret}"

    def use(self, secret: str, *, now: float) -> ResponseUrl:
        """Spend one use; refuse `no_such_url`, `expired_url` and `used_url`."""
        target = self._issued.get(secret)
        if target is None:
            raise SlackRefusal("no_such_url")
        if now - target.issued_at > RESPONSE_URL_SECONDS:
            raise SlackRefusal("expired_url")
        if target.uses >= RESPONSE_URL_USES:
            raise SlackRefusal("used_url")
        target.uses += 1
        return target

"""Issue trigger ids and exchange each once, within three seconds."""

import secrets
from dataclasses import dataclass

from lab.slack.limits import TRIGGER_SECONDS
from lab.slack.refusal import SlackRefusal


@dataclass
class Trigger:
    user: str
    issued_at: float
    is_used: bool = False


class TriggerBook:
    def __init__(self) -> None:
        self._triggers: dict[str, Trigger] = {}

    def issue(self, user: str, *, now: float) -> str:
        trigger_id = (
            f"{int(now * 1000)}.{secrets.randbelow(10**12)}.{secrets.token_hex(16)}"
        )
        self._triggers[trigger_id] = Trigger(user, now)
        return trigger_id

    def exchange(self, trigger_id: object, *, now: float) -> str:
        """Return whose click it was.

        Raises: SlackRefusal `invalid_trigger_id`, `exchanged_trigger_id` or
        `expired_trigger_id`.
        """
        trigger = self._triggers.get(str(trigger_id))
        if trigger is None:
            raise SlackRefusal("invalid_trigger_id")
        if trigger.is_used:
            raise SlackRefusal("exchanged_trigger_id")
        if now - trigger.issued_at > TRIGGER_SECONDS:
            raise SlackRefusal("expired_trigger_id")
        trigger.is_used = True
        return trigger.user

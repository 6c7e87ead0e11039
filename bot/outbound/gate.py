"""
The gate itself: what passes is as Slack takes it, or is told of.

Theory of operation. Everything that goes to Slack passes ``Gate.passed``: calls of the
Web API in ``OutboundClient``, the answers to Slack's own requests in ``OutboundApp``, a
response_url's in ``SlackChannel.replace``. ``fit`` holds it against the limits, then
slack_sdk's models look at the result. A strict gate (tests, the demo) raises at any
fault: a renderer is to fit by itself. In production what is for reading is shortened
with "… (N more)", and one line of log names places and numbers. What may not be
shortened goes as it is, and Slack has the last word: a button, a digest or an id that
is cut would mean something else.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import structlog

from bot.outbound.fault import Fault
from bot.outbound.fit import Fit
from bot.outbound.models import complaints_about

_TOLD = 5
_LISTS = ("blocks", "attachments")


class NotSendable(Exception):
    """What is sent does not fit into Slack, and the gate is strict."""


@dataclass(frozen=True, slots=True)
class Gate:
    """``strict`` raises at what is shortened and logged otherwise."""

    strict: bool

    def passed(
        self, what: str, content: Mapping[str, object], *, is_awaited: bool = False
    ) -> dict[str, object]:
        """
        Give the fields of one call or answer as they may go; ``what`` names it.

        Where Slack awaits it (``is_awaited``) a lenient gate leaves the models out:
        they cost twenty times the limits, and find nothing that could be mended.

        Raises:
            NotSendable: the gate is strict, and something does not fit.
        """
        fit = Fit()
        made = _fitted(fit, content)
        faults = [*fit.faults, *_of_another_kind(content)]
        # The models would log the content of a type that they don't know.
        is_left_out = is_awaited and not self.strict
        is_left_out = is_left_out or any(one.is_unknown for one in faults)
        asked = [] if is_left_out else _wholes(made)
        said = [one for whole in asked for one in complaints_about(whole)]
        if faults or said:
            self._tell(what, faults, said)
        return made

    def _tell(self, what: str, faults: list[Fault], said: list[str]) -> None:
        told = [*map(str, faults), *said]
        if self.strict:
            raise NotSendable(
                f"{what}: {'; '.join(told)}; have the renderer say less there"
            )
        log = structlog.get_logger().bind(call=what, faults=told[:_TOLD])
        if said or not all(one.is_mended for one in faults):
            log.error("outbound.does_not_fit", more=len(told[_TOLD:]))
        else:
            log.warning("outbound.shortened", more=len(told[_TOLD:]))


def _fitted(fit: Fit, content: Mapping[str, object]) -> dict[str, object]:
    made = fit.message(content)
    view, unfurls, chunks = (made.get(one) for one in ("view", "unfurls", "chunks"))
    if isinstance(view, Mapping):
        made["view"] = fit.view(view)
    if isinstance(unfurls, Mapping):
        made["unfurls"] = {
            url: fit.message(one, f"unfurls/{at}/") if isinstance(one, Mapping) else one
            for at, (url, one) in enumerate(unfurls.items())
        }
    if isinstance(chunks, list | tuple):
        made["chunks"] = [
            fit.message(one, f"chunks/{at}/") if isinstance(one, Mapping) else one
            for at, one in enumerate(chunks)
        ]
    return made


def _of_another_kind(content: Mapping[str, object]) -> list[Fault]:
    """Find what the gate can't look into: JSON as a text, or slack_sdk's objects."""
    faults = [
        Fault(name, "no list", 1, 0, is_unknown=True)
        for name in _LISTS
        if not isinstance(content.get(name) or [], list | tuple)
    ]
    if not isinstance(content.get("view") or {}, Mapping):
        faults.append(Fault("view", "no object", 1, 0, is_unknown=True))
    return faults


def _wholes(made: Mapping[str, object]) -> list[Mapping[str, object]]:
    """Give what the models look at: the message, its view, and each unfurl."""
    unfurls = made.get("unfurls")
    parts = [*unfurls.values()] if isinstance(unfurls, Mapping) else []
    return [
        made,
        *(one for one in [made.get("view"), *parts] if isinstance(one, Mapping)),
    ]

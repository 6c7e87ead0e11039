"""What a source's parser gives: alerts, what it could not read, what tells nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from orchestrator.intake import BrokenAlert
from policy.alert import Alert


class UnreadableDelivery(Exception):
    """The body as a whole makes no sense; the message is for the sender."""


class UnreadableAlert(Exception):
    """One alert makes no sense."""


@dataclass(frozen=True, slots=True)
class Ignored:
    """
    An event that is understood and says of no alert that it fires or has ended.

    It must not be refused: the sender would try for ever. ``reason`` is for the sender.
    ``about`` is the alert that it tells of, for people who look; it is not taken in.
    """

    index: int
    reason: str
    about: Alert | None = None


class SubscriptionStep(StrEnum):
    """What a message of Amazon SNS about the subscription itself is."""

    confirm = "SubscriptionConfirmation"
    ended = "UnsubscribeConfirmation"


@dataclass(frozen=True, slots=True)
class Subscription:
    """
    A message about a subscription; no alert.

    Getting ``subscribe_url`` confirms (or, of ``ended``, renews) it; whether that is
    done is for who checked the signature and the URL's host. ``token`` does the same
    through the API.
    """

    step: SubscriptionStep
    topic_arn: str
    token: str
    subscribe_url: str


@dataclass(frozen=True, slots=True)
class ParsedDelivery:
    """
    One delivery, event by event.

    ``broken`` are numbered among the alerts and the broken alone, as ``intake.receive``
    counts them; ``ignored`` among all events. ``subscription`` comes alone.
    ``left_out`` is how many more the sender says that it did not send.
    """

    alerts: tuple[Alert, ...]
    broken: tuple[BrokenAlert, ...] = ()
    ignored: tuple[Ignored, ...] = ()
    subscription: Subscription | None = None
    left_out: int = 0


# What a source is read by: the decoded JSON, and when it was received (aware). Pure;
# raises UnreadableDelivery and nothing else.
Parser = Callable[[object, datetime], ParsedDelivery]

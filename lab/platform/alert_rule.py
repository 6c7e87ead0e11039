"""State the alert rules and judge the platform by them."""

from dataclasses import dataclass
from enum import StrEnum

from lab.platform.content import PILED_ON, Content
from lab.platform.model import Platform
from lab.platform.pipeline import STUCK_GROUP, ConsumerGroup
from lab.platform.service import USUAL_ERROR_RATIO, Service


class AlertName(StrEnum):
    HIGH_ERROR_RATE = "HighErrorRate"
    QUEUE_BACKLOG = "QueueBacklog"
    HIGH_LATENCY = "HighLatency"
    REPLY_BURST = "ReplyBurst"
    WAREHOUSE_LAG = "WarehouseLag"


@dataclass(frozen=True)
class Rule:
    """Fire when high for long enough, resolve when low for long enough.

    Between `resolves_below` and `fires_above` nothing changes.
    """

    name: AlertName
    severity: str
    fires_above: float
    fires_after_seconds: float
    resolves_below: float
    resolves_after_seconds: float
    team: str = "reliability"


@dataclass(frozen=True)
class Reading:
    """One rule's value for one subject, with the words to tell it."""

    rule: Rule
    service: str
    value: float
    summary: str
    description: str
    queue: str = ""
    labels: tuple[tuple[str, str], ...] = ()

    @property
    def subject(self) -> str:
        labels = "".join(f"/{value}" for _, value in self.labels)
        return f"{self.rule.name}/{self.service}/{self.queue}{labels}"


def rules() -> dict[AlertName, Rule]:
    listed = (
        Rule(AlertName.HIGH_ERROR_RATE, "critical", 0.05, 2, 0.01, 3),
        Rule(AlertName.QUEUE_BACKLOG, "warning", 1000, 3, 200, 3),
        Rule(AlertName.HIGH_LATENCY, "warning", 1000, 3, 500, 3),
        Rule(AlertName.REPLY_BURST, "warning", 1000, 2, 400, 3, "safety"),
        Rule(AlertName.WAREHOUSE_LAG, "warning", 4000, 3, 400, 3, "data"),
    )
    return {rule.name: rule for rule in listed}


def read_platform(platform: Platform) -> list[Reading]:
    known = rules()
    readings = []
    for service in platform.services.values():
        readings.append(read_errors(known[AlertName.HIGH_ERROR_RATE], service))
        readings.append(read_latency(known[AlertName.HIGH_LATENCY], service))
    backlog = known[AlertName.QUEUE_BACKLOG]
    for queue in platform.queues.values():
        summary = (
            f"{queue.name}: {queue.depth:,.0f} jobs wait, "
            f"the oldest for {queue.oldest_age_seconds:.0f} s"
        )
        description = (
            f"In {queue.in_rate:.0f}/s, out {queue.out_rate:.0f}/s, "
            f"{queue.consumers} consumers."
        )
        readings.append(
            Reading(
                backlog, queue.service, queue.depth, summary, description, queue.name
            )
        )
    society = platform.society
    burst, lag = known[AlertName.REPLY_BURST], known[AlertName.WAREHOUSE_LAG]
    readings.append(read_burst(burst, society.contents[PILED_ON]))
    readings.append(read_lag(lag, society.groups[STUCK_GROUP]))
    return readings


def read_errors(rule: Rule, service: Service) -> Reading:
    summary = (
        f"{service.name}: 5xx at {service.error_ratio:.1%} "
        f"(usual {USUAL_ERROR_RATIO:.1%})"
    ).replace("%", " %")
    worst = max(service.routes, key=lambda route: route.error_ratio)
    share = f"{worst.error_ratio:.1%}".replace("%", " %")
    description = (
        f"{service.requests_per_second:,.0f} requests/s; "
        f"worst route {worst.name} at {share}."
    )
    return Reading(rule, service.name, service.error_ratio, summary, description)


def read_burst(rule: Rule, content: Content) -> Reading:
    pace, people = content.replies_per_hour, content.repliers
    return Reading(
        rule,
        "discourse",
        pace,
        f"{content.content_id}: {pace:,.0f} replies an hour by {people:,} people",
        f"A {content.kind} of {content.author_id}; {content.reports:.0f} reports.",
        labels=(("content_id", content.content_id), ("target", content.target)),
    )


def read_lag(rule: Rule, group: ConsumerGroup) -> Reading:
    return Reading(
        rule,
        "warehouse",
        group.lag,
        f"{group.name}: {group.lag:,.0f} messages wait for {group.members} members",
        f"In {group.in_rate:.0f}/s, out {group.out_rate:.0f}/s.",
        labels=(
            ("consumer_group", group.name),
            ("pipeline", group.pipeline or ""),
        ),
    )


def read_latency(rule: Rule, service: Service) -> Reading:
    summary = (
        f"{service.name}: p99 at {service.p99_ms:,.0f} ms "
        f"(usual {service.usual_p99_ms:,.0f} ms)"
    )
    description = f"p50 {service.p50_ms:.0f} ms."
    return Reading(rule, service.name, service.p99_ms, summary, description)

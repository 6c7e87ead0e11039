"""Simulate the platform: what breaks, what heals it, and how fast.

Theory of operation: `step` computes the strain that flags, throttles and breakages
put on each service, moves everything a little towards where the strain drives it, and
records one sample a second. It reads no clock and draws from one seeded source, so
that the same calls give the same platform. People and programs change flags and
throttles through `writes`; only the lab's panel breaks things.
"""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field

from lab.platform.audit_log import AuditLog, Entry
from lab.platform.breakage import BAD_FLAG, Breakage, consumers_of, pace_of, strain_on
from lab.platform.flag import Flag, usual_flags
from lab.platform.history import History
from lab.platform.measure import measure
from lab.platform.queue import Queue, usual_queues
from lab.platform.service import Service, advance, usual_services
from lab.platform.society import Society, usual_society
from lab.platform.throttle import Throttle
from lab.platform.trace import TraceLog

LONGEST_STEP_SECONDS = 0.25
SAMPLE_SECONDS = 1.0


@dataclass
class Platform:
    """`elapsed_seconds` is platform time; stamps are wall time."""

    services: dict[str, Service]
    flags: dict[str, Flag]
    throttles: dict[tuple[str, str], Throttle]
    queues: dict[str, Queue]
    traces: TraceLog
    dice: random.Random
    society: Society
    audit: AuditLog = field(default_factory=AuditLog)
    broken: set[Breakage] = field(default_factory=set)
    history: History = field(default_factory=History)
    elapsed_seconds: float = 0.0
    next_sample_at: float = 0.0

    @property
    def ranker_share(self) -> float:
        return self.flags[BAD_FLAG].effective_percent / 100

    def step(self, dt_seconds: float, *, now: float) -> None:
        """Advance by `dt_seconds` of platform time, ending at wall time `now`."""
        left = dt_seconds
        while left > 0:
            slice_seconds = min(left, LONGEST_STEP_SECONDS)
            self._advance(slice_seconds, now=now)
            left -= slice_seconds

    def break_by(self, kind: Breakage, *, now: float) -> None:
        """Break something; to break it twice is to break it once."""
        if kind is Breakage.STUCK_CONSUMER:
            self.society.stop_loader(now)
        elif kind is not Breakage.BAD_FLAG:
            self.broken.add(kind)
        elif self.flags[BAD_FLAG].effective_percent != 100:  # noqa: PLR2004
            self.flags[BAD_FLAG].change(
                enabled=True, rollout_percent=100, changed_by="release-train", now=now
            )
            said = '{"enabled": true, "rollout_percent": 100}'
            self.audit.append(
                Entry(now, "release-train", "flag.changed", BAD_FLAG, said)
            )

    def heal(self, *, now: float) -> None:
        """Undo breakages and bring flags and throttles back to usual."""
        self.broken.clear()
        self.society.heal(now)
        for usual in usual_flags(now):
            flag = self.flags[usual.key]
            wanted = usual.enabled, usual.rollout_percent
            if (flag.enabled, flag.rollout_percent) != wanted:
                flag.change(
                    enabled=usual.enabled,
                    rollout_percent=usual.rollout_percent,
                    changed_by="lab",
                    now=now,
                )
        for throttle in self.throttles.values():
            if throttle.limit_rps is not None:
                throttle.change(limit_rps=None, changed_by="lab", now=now)

    @property
    def active_breakages(self) -> list[str]:
        flag = [Breakage.BAD_FLAG] if self.ranker_share > 0 else []
        stuck = [Breakage.STUCK_CONSUMER] if self.society.is_stuck else []
        return sorted([*self.broken, *flag, *stuck])

    def warm_up(self, seconds: int, *, now: float) -> None:
        """Fill the past, so that charts and queries have a usual to compare with."""
        for second in range(seconds, 0, -1):
            self._advance(SAMPLE_SECONDS, now=now - second)

    def _advance(self, dt_seconds: float, *, now: float) -> None:
        self.elapsed_seconds += dt_seconds
        for service in self.services.values():
            strain = strain_on(
                service.name,
                broken=self.broken,
                ranker_share=self.ranker_share,
                limits=self._limits(service.name),
            )
            advance(service, strain, dt_seconds, self.dice)
            self.traces.advance(service, dt_seconds, broken=self.broken, now=now)
        for queue in self.queues.values():
            self._advance_queue(queue, dt_seconds)
        self.society.advance(dt_seconds, broken=self.broken, now=now)
        if self.elapsed_seconds >= self.next_sample_at:
            self.next_sample_at = self.elapsed_seconds + SAMPLE_SECONDS
            self.history.record(now, measure(self.services, self.queues, self.flags))

    def _limits(self, service: str) -> dict[str, float]:
        return {
            route: float(throttle.limit_rps)
            for (owner, route), throttle in self.throttles.items()
            if owner == service and throttle.limit_rps is not None
        }

    def _advance_queue(self, queue: Queue, dt_seconds: float) -> None:
        feeder = self.services[queue.service].routes[0]
        queue.advance(
            dt_seconds,
            in_rate=min(feeder.admitted_rps, feeder.capacity_rps),
            consumers=consumers_of(queue.name, queue.usual_consumers, self.broken),
            pace=pace_of(queue.name, self.ranker_share),
        )


def healthy_platform(*, seed: int, now: float) -> Platform:
    dice = random.Random(seed)  # noqa: S311 - repeatable noise, no secret
    services = {service.name: service for service in usual_services()}
    society = usual_society(seed=seed, now=now)
    return Platform(
        services=services,
        flags={flag.key: flag for flag in usual_flags(now)},
        throttles=open_throttles(services.values(), now),
        queues={queue.name: queue for queue in usual_queues()},
        traces=TraceLog(dice),
        dice=dice,
        society=society,
        audit=audit_of_the_past(society),
    )


def open_throttles(
    services: Iterable[Service], now: float
) -> dict[tuple[str, str], Throttle]:
    return {
        (service.name, route.name): Throttle(
            service.name, route.name, changed_at=now - 86_400
        )
        for service in services
        for route in service.routes
    }


def audit_of_the_past(society: Society) -> AuditLog:
    """Begin with the appeals that people made, oldest first."""
    audit = AuditLog()
    for one in sorted(society.appeals.values(), key=lambda one: one.opened_at):
        said = f'{{"against": "{one.action}", "of": "{one.subject_id}"}}'
        audit.append(
            Entry(one.opened_at, one.user_id, "appeal.opened", one.appeal_id, said)
        )
    return audit

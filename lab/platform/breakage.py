"""Say what each breakage, and the flag that breaks, does to the platform."""

from collections.abc import Collection
from enum import StrEnum

from lab.platform.service import Strain

BAD_FLAG = "new_ranker"
REPLIES = "POST /v1/replies"
THREADS = "GET /v1/threads"


class Breakage(StrEnum):
    BAD_FLAG = "bad_flag"
    TRAFFIC_SURGE = "traffic_surge"
    SLOW_QUEUE = "slow_queue"
    IDENTITY_ERRORS = "identity_errors"
    PUSH_LATENCY = "push_latency"
    DOGPILE = "dogpile"
    STUCK_CONSUMER = "stuck_consumer"


def strain_on(
    service: str,
    *,
    broken: Collection[Breakage],
    ranker_share: float,
    limits: dict[str, float],
) -> Strain:
    """`ranker_share` is the share of users, 0 to 1, whom the bad flag reaches."""
    if service == "discourse":
        surge = {REPLIES: 5.0} if Breakage.TRAFFIC_SURGE in broken else {}
        return Strain(
            demand_factor=surge,
            limit_rps=limits,
            error_ratio={REPLIES: 0.36 * ranker_share, THREADS: 0.12 * ranker_share},
            p99_factor=1 + 7.5 * ranker_share,
        )
    if service == "identity" and Breakage.IDENTITY_ERRORS in broken:
        failing = {"POST /v1/sessions": 0.09, "GET /v1/me": 0.09}
        return Strain(limit_rps=limits, error_ratio=failing, p99_factor=1.6)
    if service == "push" and Breakage.PUSH_LATENCY in broken:
        return Strain(limit_rps=limits, p99_factor=10.0)
    return Strain(limit_rps=limits)


def consumers_of(queue: str, usual: int, broken: Collection[Breakage]) -> int:
    slow = queue == "discourse-replies" and Breakage.SLOW_QUEUE in broken
    return 1 if slow else usual


def pace_of(queue: str, ranker_share: float) -> float:
    """Slow replies down: a failed ranking is tried again and holds its consumer."""
    return 1 - 0.75 * ranker_share if queue == "discourse-replies" else 1.0

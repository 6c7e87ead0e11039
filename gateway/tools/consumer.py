"""restart_consumer: restart a consumer group that stands still."""

from pydantic import Field

from gateway.ports import Ports
from gateway.registry import Estimate, Order, Settled, Strict, Verification, WriteTool
from gateway.tools.picked import pick
from gateway.tools.quantity import Count, CountIfKnown, Opaque, PerSecond
from policy.names import NAME
from policy.tool_spec import ToolCategory


class ConsumerParams(Strict):
    consumer_group: str = Field(pattern=NAME, title="Consumer group")


class ConsumerTarget(Strict):
    """The group as observed; rates are messages per second, ``lag`` None if unknown."""

    consumer_group: str
    topic: str
    members: Count
    lag: CountIfKnown
    in_rate: PerSecond
    out_rate: PerSecond
    restarts: Count
    version: Opaque


def title(params: ConsumerParams) -> str:
    return f"Restart consumer group {params.consumer_group}"


async def observe(params: ConsumerParams, ports: Ports) -> ConsumerTarget:
    return pick(ConsumerTarget, await ports.consumers.get(params.consumer_group))


async def estimate(
    _params: ConsumerParams, before: ConsumerTarget, _ports: Ports
) -> Estimate:
    """Measure the messages per second that pause while the group starts again."""
    return Estimate(
        amount=round(before.in_rate, 1),
        unit="messages/s",
        text=f"{before.in_rate:,.0f} messages/s of {before.topic}; "
        f"{_say(before.lag)} wait for {before.members} members",
        cost="the group's partitions pause for some seconds while it starts again",
    )


def describe(_params: ConsumerParams, before: ConsumerTarget) -> tuple[str, str]:
    count = before.restarts
    return f"{count} restarts, {_say(before.lag)} waiting", f"{count + 1} restarts"


async def execute(
    params: ConsumerParams, before: ConsumerTarget, ports: Ports, order: Order
) -> ConsumerTarget:
    found = await ports.consumers.restart(
        params.consumer_group, seen_version=before.version, idempotency_key=order.key
    )
    return pick(ConsumerTarget, found)


def reconcile(
    _params: ConsumerParams, before: ConsumerTarget, now: ConsumerTarget
) -> Settled:
    if now.version == before.version:
        return Settled.not_applied
    once_more = now.restarts == before.restarts + 1
    return Settled.applied if once_more else Settled.unknown


async def verify(
    params: ConsumerParams, before: ConsumerTarget, ports: Ports
) -> Verification:
    """
    Verified when it has members that take more than comes, or nothing waits.

    What waits counts where the broker knows it: its rates tell all the same. Where it
    does not, members that take no more than comes may have nothing left to take.
    """
    now = await observe(params, ports)
    measures = {"members": float(now.members)}
    if now.lag is not None:
        measures["lag"] = float(now.lag)
    if now.restarts <= before.restarts:
        text = f"{now.consumer_group} was not restarted"
        return Verification(done=False, text=text, measures=measures)
    drains = _is_less(before, now) or now.out_rate > now.in_rate
    runs = now.members > 0 and (drains or _has_no_lag(now))
    text = (
        f"{now.consumer_group}: {_say(now.lag)} wait, {_say(before.lag)} before; "
        f"{now.members} members"
    )
    is_told = runs or now.members == 0 or now.lag is not None
    return Verification(
        done=runs or None,
        text=text if is_told else f"{text}; nobody can tell whether it drains",
        measures=measures,
        is_told=is_told,
    )


def _is_less(before: ConsumerTarget, now: ConsumerTarget) -> bool:
    if before.lag is None or now.lag is None:
        return False
    return now.lag < before.lag


def _has_no_lag(now: ConsumerTarget) -> bool:
    """Tell whether no more waits than a second brings."""
    return now.lag is not None and now.lag <= now.in_rate


def _say(lag: int | None) -> str:
    return "an unknown number" if lag is None else f"{lag:,}"


RESTART_CONSUMER = WriteTool(
    name="restart_consumer",
    version=1,
    category=ToolCategory.write_irreversible,
    params=ConsumerParams,
    state=ConsumerTarget,
    target_params=("consumer_group",),
    reason_codes=("consumer_stuck", "incident_mitigation"),
    port=lambda ports: ports.consumers,
    title=title,
    observe=observe,
    estimate=estimate,
    describe=describe,
    execute=execute,
    reconcile=reconcile,
    verify=verify,
)

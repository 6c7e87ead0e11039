"""start_backfill: have a pipeline write a span of time again."""

from typing import Self

from pydantic import Field, model_validator

from gateway.ports import Ports
from gateway.registry import Estimate, Order, Settled, Strict, Verification, WriteTool
from gateway.subjects import Backfill, PipelineState
from gateway.tools.instant import Instant, say, say_span
from gateway.tools.picked import pick
from gateway.tools.quantity import Opaque, UnixSeconds
from policy.names import NAME
from policy.tool_spec import ToolCategory

LONGEST_SECONDS = 7 * 86_400.0


class BackfillParams(Strict):
    """From ``from_at`` to before ``to_at``, seven days at most."""

    pipeline: str = Field(pattern=NAME, title="Pipeline")
    from_at: Instant = Field(title="From", json_schema_extra={"x-unit": "UTC"})
    to_at: Instant = Field(
        title="To",
        description="after From, by seven days at most",
        json_schema_extra={
            "x-unit": "UTC",
            "x-after": {"param": "from_at", "most_seconds": LONGEST_SECONDS},
        },
    )

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not 0 < self.end - self.begin <= LONGEST_SECONDS:
            raise ValueError("to_at must be after from_at, by seven days at most")
        return self

    @property
    def begin(self) -> float:
        return self.from_at.timestamp()

    @property
    def end(self) -> float:
        return self.to_at.timestamp()


class BackfillTarget(Strict):
    """
    The pipeline as observed; ``known`` are the ids of its backfills.

    ``covered``: one of them is of this span; ``running``: and is not done.
    """

    pipeline: str
    watermark_at: UnixSeconds
    gaps: tuple[tuple[UnixSeconds, UnixSeconds], ...]
    known: tuple[str, ...]
    covered: bool
    version: Opaque
    running: bool = False


def title(params: BackfillParams) -> str:
    span = say_span(params.end - params.begin)
    return f"Backfill {params.pipeline}: {span} from {say(params.begin)}"


async def observe(params: BackfillParams, ports: Ports) -> BackfillTarget:
    return _target(params, await ports.pipelines.get(params.pipeline))


async def estimate(
    params: BackfillParams, before: BackfillTarget, ports: Ports
) -> Estimate:
    """Count the rows that the system's own rehearsal says it would write."""
    rows = await _rehearse(params, ports)
    gap = "its gap" if _open_gaps(params, before.gaps) else "no known gap"
    return Estimate(
        amount=rows,
        unit="rows",
        text=f"{rows:,} rows of {params.pipeline}; the span covers {gap}",
        cost=f"{rows:,} rows are written again, and readers see them change",
    )


async def rehearse(
    params: BackfillParams, _before: BackfillTarget, ports: Ports
) -> None:
    await _rehearse(params, ports)


def describe(params: BackfillParams, before: BackfillTarget) -> tuple[str, str]:
    missing = sum(end - begin for begin, end in _open_gaps(params, before.gaps))
    return f"{say_span(missing)} missing in the span", "a backfill runs"


async def execute(
    params: BackfillParams, before: BackfillTarget, ports: Ports, order: Order
) -> BackfillTarget:
    found = await ports.pipelines.backfill(
        params.pipeline,
        from_at=params.begin,
        to_at=params.end,
        seen_version=before.version,
        idempotency_key=order.key,
    )
    return _target(params, found)


def reconcile(
    _params: BackfillParams, before: BackfillTarget, now: BackfillTarget
) -> Settled:
    if now.version == before.version:
        return Settled.not_applied
    fresh = now.covered and set(now.known) - set(before.known)
    return Settled.applied if fresh else Settled.unknown


async def verify(
    params: BackfillParams, before: BackfillTarget, ports: Ports
) -> Verification:
    """Verified when it is done and the span has no gap any more."""
    now = await ports.pipelines.get(params.pipeline)
    ours = [one for one in _spans(params, now) if one.id not in before.known]
    if not ours:
        text = f"{params.pipeline} knows no such backfill"
        return Verification(done=False, text=text, measures={})
    one = ours[-1]
    measures = {"rows_done": float(one.rows_done), "rows_total": float(one.rows_total)}
    text = f"{one.rows_done:,} of {one.rows_total:,} rows written"
    if one.state != "done":
        return Verification(done=None, text=text, measures=measures)
    left = _open_gaps(params, now.gaps)
    said = f"{text}, {len(left)} gaps left" if left else f"{text}, no gap left"
    return Verification(done=not left, text=said, measures=measures)


def already(params: BackfillParams, before: BackfillTarget) -> str | None:
    """One that is done may run again: late rows are a reason."""
    if not before.running:
        return None
    return f"a backfill of {params.pipeline} from {say(params.begin)} is running"


async def _rehearse(params: BackfillParams, ports: Ports) -> int:
    return await ports.pipelines.rehearse(
        params.pipeline, from_at=params.begin, to_at=params.end
    )


def _target(params: BackfillParams, found: PipelineState) -> BackfillTarget:
    return pick(
        BackfillTarget,
        found,
        known=tuple(one.id for one in found.backfills),
        covered=bool(_spans(params, found)),
        running=any(one.state == "running" for one in _spans(params, found)),
    )


def _spans(params: BackfillParams, found: PipelineState) -> list[Backfill]:
    """Give the backfills of exactly this span."""
    wanted = (params.begin, params.end)
    return [one for one in found.backfills if (one.from_at, one.to_at) == wanted]


def _open_gaps(
    params: BackfillParams, gaps: tuple[tuple[float, float], ...]
) -> list[tuple[float, float]]:
    """Give what is missing within the span."""
    cut = [(max(begin, params.begin), min(end, params.end)) for begin, end in gaps]
    return [part for part in cut if part[0] < part[1]]


START_BACKFILL = WriteTool(
    name="start_backfill",
    version=1,
    category=ToolCategory.write_irreversible,
    params=BackfillParams,
    state=BackfillTarget,
    target_params=("pipeline",),
    reason_codes=("gap_in_data", "late_data", "bad_data"),
    port=lambda ports: ports.pipelines,
    title=title,
    observe=observe,
    estimate=estimate,
    describe=describe,
    execute=execute,
    reconcile=reconcile,
    verify=verify,
    already=already,
    rehearse=rehearse,
    verify_seconds=1800.0,
)

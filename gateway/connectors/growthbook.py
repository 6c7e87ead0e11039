"""GrowthBook REST API v1: an experiment's state and its newest results."""

from datetime import datetime

from pydantic import BaseModel, Field

from gateway.connectors.http import Api
from gateway.connectors.paths import segment
from gateway.connectors.shape import fit
from gateway.ports import Unreadable
from gateway.subjects import Experiment, VariationResult

_ID = "exp_"
_MOST_RESULTS = 200


class _Variation(BaseModel):
    variationId: str = ""  # noqa: N815 - GrowthBook's own name
    key: str = ""
    name: str = ""


class _Phase(BaseModel):
    name: str = ""
    dateStarted: datetime | None = None  # noqa: N815 - GrowthBook's own name
    coverage: float | None = None


class _Experiment(BaseModel):
    id: str
    trackingKey: str = ""  # noqa: N815 - GrowthBook's own name
    name: str
    status: str
    variations: list[_Variation] = []
    phases: list[_Phase] = []


class _One(BaseModel):
    experiment: _Experiment


class _Many(BaseModel):
    experiments: list[_Experiment]


class _Analysis(BaseModel):
    mean: float | None = None
    chanceToBeatControl: float | None = None  # noqa: N815 - GrowthBook's own name


class _VariationMeasure(BaseModel):
    variationId: str  # noqa: N815 - GrowthBook's own name
    users: float | None = Field(default=None, ge=0, lt=2**53)
    analyses: list[_Analysis] = []


class _Metric(BaseModel):
    metricId: str  # noqa: N815 - GrowthBook's own name
    variations: list[_VariationMeasure] = []


class _Slice(BaseModel):
    metrics: list[_Metric] = []


class _Result(BaseModel):
    results: list[_Slice]


class _Results(BaseModel):
    result: _Result | None


class GrowthBook:
    """Fulfils ``Experiments``."""

    def __init__(self, api: Api) -> None:
        self._api = api

    async def get(self, key: str) -> Experiment:
        """Give an experiment by its tracking key, or by its id (``exp_…``)."""
        found = await (self._by_id(key) if key.startswith(_ID) else self._by_key(key))
        phase = found.phases[-1] if found.phases else _Phase()
        # A draft was never measured.
        results = () if found.status == "draft" else await self._results(found)
        begun = phase.dateStarted
        return Experiment(
            key=found.trackingKey or found.id,
            name=found.name,
            status=found.status,
            phase=phase.name,
            started_at=begun.timestamp() if begun is not None else None,
            coverage=phase.coverage,
            variations=tuple(one.name or one.key for one in found.variations),
            results=results,
        )

    async def _by_id(self, key: str) -> _Experiment:
        raw = await self._api.read(f"/api/v1/experiments/{segment(key)}")
        return fit(_One, raw, what=f"{self._api.name}: {key}").experiment

    async def _by_key(self, key: str) -> _Experiment:
        # The older name of ``trackingKey``: the one that every release of v1 takes.
        raw = await self._api.read("/api/v1/experiments", {"experimentId": key})
        many = fit(_Many, raw, what=f"{self._api.name}: {key}").experiments
        for one in many:
            if one.trackingKey == key:
                return one
        raise Unreadable(f"{self._api.name}: no experiment has the key {key}")

    async def _results(self, found: _Experiment) -> tuple[VariationResult, ...]:
        """Give the newest results over everybody, the control's among them."""
        raw = await self._api.read(f"/api/v1/experiments/{segment(found.id)}/results")
        what = f"{self._api.name}: results of {found.id}"
        result = fit(_Results, raw, what=what).result
        if result is None or not result.results:
            return ()
        names = {one.variationId: one.name or one.key for one in found.variations}
        rows = [
            _measure(metric.metricId, names.get(one.variationId, one.variationId), one)
            for metric in result.results[0].metrics
            for one in metric.variations
        ]
        return tuple(rows[:_MOST_RESULTS])


def _measure(metric: str, variation: str, found: _VariationMeasure) -> VariationResult:
    analysis = found.analyses[0] if found.analyses else _Analysis()
    return VariationResult(
        metric=metric,
        variation=variation,
        users=None if found.users is None else round(found.users),
        value=analysis.mean,
        chance_to_win=analysis.chanceToBeatControl,
    )

"""get_experiment: state and results of one experiment."""

from pydantic import Field

from gateway.ports import Ports
from gateway.registry import Occasion, ReadTool, Strict
from gateway.tools.picked import pick
from gateway.tools.quantity import Count, Measured, Ratio, UnixSeconds
from policy.names import NAME


class ExperimentParams(Strict):
    experiment_key: str = Field(pattern=NAME, title="Experiment")


class ResultRow(Strict):
    """
    ``value`` is the mean of ``metric``, in its unit.

    ``chance_to_win`` is 0 to 1 against the control. None is what nobody measured.
    """

    metric: str
    variation: str
    users: Count | None
    value: Measured | None
    chance_to_win: Ratio | None


class ExperimentAnswer(Strict):
    """``coverage`` is the share of users, 0 to 1, None where nobody set one."""

    experiment_key: str
    name: str
    status: str
    phase: str
    started_at: UnixSeconds | None
    coverage: Ratio | None
    variations: list[str]
    results: list[ResultRow]


async def read_experiment(
    params: ExperimentParams, ports: Ports, _occasion: Occasion
) -> ExperimentAnswer:
    """Read one experiment."""
    found = await ports.experiments.get(params.experiment_key)
    return pick(
        ExperimentAnswer,
        found,
        experiment_key=found.key,
        variations=list(found.variations),
        results=[pick(ResultRow, one) for one in found.results],
    )


GET_EXPERIMENT = ReadTool(
    name="get_experiment",
    version=1,
    params=ExperimentParams,
    result=ExperimentAnswer,
    read=read_experiment,
)

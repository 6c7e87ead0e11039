"""Whom an action would reach, as measured; an undo does not wait for the measure."""

from pydantic import BaseModel

from gateway.checks import check_exact
from gateway.ports import ConnectorError, Ports, Refused
from gateway.registry import AnyWrite, Estimate
from gateway.sane import sane


async def measure_reach(
    tool: AnyWrite, params: BaseModel, before: BaseModel, ports: Ports, *, is_undo: bool
) -> Estimate:
    """
    Measure it; of an undo it is said where that fails.

    What protects from new harm does not bind what takes an action back (decision 9).

    Raises:
        ConnectorError: it can't be measured, or the tool refuses it.
    """
    try:
        reach = await sane(tool.estimate(params, before, ports))
    except Refused:
        raise
    except ConnectorError:
        if not is_undo:
            raise
        text = "whom it concerns: nobody could measure it just now"
        reach = Estimate(amount=0.0, unit="", text=text, cost="not measured")
    check_exact(tool, before, reach)
    return reach

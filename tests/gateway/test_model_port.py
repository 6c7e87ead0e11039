"""A failure of a model carries its name, its words and what it cost."""

from gateway.model_port import ModelFailed, Usage
from policy.model_call import ModelFault


def test_a_failure_says_what_it_cost() -> None:
    """Nobody counted: there is no usage, and it may be paid all the same."""
    failed = ModelFailed(ModelFault.cut, "the answer was cut off", paid=True)
    counted = ModelFailed(ModelFault.cut, "", paid=True, usage=Usage(3, 4))

    assert "the answer was cut off" == str(failed)
    assert (ModelFault.cut, True, None) == (failed.fault, failed.paid, failed.usage)
    assert Usage(3, 4) == counted.usage

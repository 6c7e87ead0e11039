"""What Prometheus is shown of models."""

from prometheus_client import generate_latest

from gateway.model_meter import ModelMeter
from policy.model_call import ModelCallState, ModelFault
from storage.model_calls import Settled


def test_questions_are_counted_by_their_end() -> None:
    """Tokens and dollars as they were settled."""
    meter = ModelMeter()
    answered = Settled(ModelCallState.answered, 700, 40, 430)
    failed = Settled(ModelCallState.failed, 0, 0, 0, fault=ModelFault.busy)
    for settled in (answered, answered, failed):
        meter.note("small", settled, seconds=1.5)
    shown = generate_latest(meter.registry).decode()

    assert 'autopilot_model_calls_total{model="small",outcome="answered"} 2.0' in shown
    assert 'autopilot_model_calls_total{model="small",outcome="busy"} 1.0' in shown
    assert (
        'autopilot_model_tokens_total{direction="input",model="small"} 1400.0' in shown
    )
    assert 'autopilot_model_usd_total{model="small"} 0.00086' in shown
    assert 'autopilot_model_seconds_count{model="small"} 3.0' in shown

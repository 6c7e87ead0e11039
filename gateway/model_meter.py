"""What models were asked and what they cost, for Prometheus; no label holds an id."""

from dataclasses import dataclass, field

from prometheus_client import CollectorRegistry, Counter, Histogram

from policy.model_call import ModelCallState
from storage.model_calls import Settled

_MICROUSD_A_DOLLAR = 1_000_000
_BUCKETS = (0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 40.0, 80.0)


@dataclass
class ModelMeter:
    """Counts in this process; a restart begins at nothing, as Prometheus expects."""

    registry: CollectorRegistry = field(default_factory=CollectorRegistry)

    def __post_init__(self) -> None:
        self._calls = Counter(
            "autopilot_model_calls",
            "Questions to a model by outcome: answered, or the failure's name",
            ["model", "outcome"],
            registry=self.registry,
        )
        self._tokens = Counter(
            "autopilot_model_tokens",
            "Tokens, as settled",
            ["model", "direction"],
            registry=self.registry,
        )
        self._usd = Counter(
            "autopilot_model_usd",
            "US dollars, as settled",
            ["model"],
            registry=self.registry,
        )
        self._seconds = Histogram(
            "autopilot_model_seconds",
            "How long a question took",
            ["model"],
            buckets=_BUCKETS,
            registry=self.registry,
        )

    def note(self, model: str, settled: Settled, *, seconds: float) -> None:
        """Count one question that has ended."""
        answered = settled.state is ModelCallState.answered
        outcome = "answered" if answered else str(settled.fault)
        self._calls.labels(model, outcome).inc()
        self._tokens.labels(model, "input").inc(settled.input_tokens)
        self._tokens.labels(model, "output").inc(settled.output_tokens)
        self._usd.labels(model).inc(settled.cost_microusd / _MICROUSD_A_DOLLAR)
        self._seconds.labels(model).observe(seconds)

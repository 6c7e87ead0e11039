"""Fill and drain a work queue."""

from dataclasses import dataclass

from lab.json_object import JsonObject


@dataclass
class Queue:
    """Rates in jobs per second; the age is that of the oldest waiting job."""

    name: str
    service: str
    usual_consumers: int
    consumer_rate: float
    consumers: int = 0
    depth: float = 0.0
    in_rate: float = 0.0
    out_rate: float = 0.0
    oldest_age_seconds: float = 0.0

    def __post_init__(self) -> None:
        self.consumers = self.consumers or self.usual_consumers

    def advance(
        self, dt_seconds: float, *, in_rate: float, consumers: int, pace: float
    ) -> None:
        """`pace` is a consumer's speed, 1 when healthy."""
        self.consumers = consumers
        self.in_rate = in_rate
        could = consumers * self.consumer_rate * pace
        pending = self.depth + in_rate * dt_seconds
        done = min(pending, could * dt_seconds)
        self.depth = max(pending - done, in_rate * 0.03)
        self.out_rate = done / dt_seconds
        self.oldest_age_seconds = self.depth / could if could > 0 else 3600.0

    def rendered(self) -> JsonObject:
        return {
            "name": self.name,
            "service": self.service,
            "environment": "prod",
            "depth": round(self.depth),
            "oldest_age_seconds": round(self.oldest_age_seconds, 2),
            "in_per_second": round(self.in_rate, 1),
            "out_per_second": round(self.out_rate, 1),
            "consumers": self.consumers,
        }


def usual_queues() -> list[Queue]:
    return [
        Queue("discourse-replies", "discourse", usual_consumers=8, consumer_rate=150),
        Queue("push-outbound", "push", usual_consumers=6, consumer_rate=150),
    ]

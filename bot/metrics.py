"""What the web process counts; no label ever holds an id."""

from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest


@dataclass(frozen=True, slots=True)
class Metrics:
    registry: CollectorRegistry
    webhooks: Counter
    clicks: Counter
    routes_current: Gauge

    def render(self) -> bytes:
        return generate_latest(self.registry)


def new_metrics() -> Metrics:
    registry = CollectorRegistry()
    return Metrics(
        registry=registry,
        webhooks=Counter(
            "autopilot_webhook_deliveries",
            "Webhook deliveries by source and HTTP status",
            ["source", "status"],
            registry=registry,
        ),
        clicks=Counter(
            "autopilot_slack_requests",
            "Slack requests by kind",
            ["kind"],
            registry=registry,
        ),
        routes_current=Gauge(
            "autopilot_routes_current",
            "1 while routes.yaml is in force, 0 after one that did not load",
            registry=registry,
        ),
    )

"""The web process's counters, as Prometheus reads them."""

from prometheus_client.parser import text_string_to_metric_families

from bot.metrics import Metrics, new_metrics


def read(metrics: Metrics) -> dict[str, float]:
    """Parse what is rendered; give each counter's value by its labels."""
    return {
        " ".join(sample.labels.values()): sample.value
        for family in text_string_to_metric_families(metrics.render().decode())
        for sample in family.samples
        if sample.name.endswith("_total")
    }


def test_what_is_counted_is_rendered() -> None:
    """By source and status, and by kind."""
    metrics = new_metrics()
    metrics.webhooks.labels(source="alertmanager", status=202).inc()
    metrics.webhooks.labels(source="alertmanager", status=202).inc()
    metrics.clicks.labels(kind="approve").inc()

    assert {"alertmanager 202": 2.0, "approve": 1.0} == read(metrics)


def test_two_processes_of_one_test_do_not_share() -> None:
    """Each has its registry: nothing is counted twice."""
    first, second = new_metrics(), new_metrics()
    first.clicks.labels(kind="approve").inc()

    assert {} == read(second)

from lab.platform.alert_rule import AlertName, Reading, rules
from lab.platform.alerting import NOT_ENDED, AlertBook

RULE = rules()[AlertName.HIGH_ERROR_RATE]


def reading(value: float) -> Reading:
    return Reading(RULE, "discourse", value, f"discourse: {value}", "words")


def evaluate(book: AlertBook, value: float, at: float) -> list[str]:
    due = book.evaluate(
        [reading(value)],
        elapsed_seconds=at,
        now=1000 + at,
        failing_traces={"discourse": "c0ffee"},
    )
    return [str(webhook["status"]) for webhook in due]


def test_fires_only_after_its_time() -> None:
    """Two seconds above the line, not one."""
    book = AlertBook("http://lab")

    assert [] == evaluate(book, 0.18, 0) + evaluate(book, 0.18, 1)
    assert ["firing"] == evaluate(book, 0.18, 2)


def test_a_dip_starts_the_time_anew() -> None:
    """A blip is no alert."""
    book = AlertBook("http://lab")
    evaluate(book, 0.18, 0)
    evaluate(book, 0.002, 1)

    assert [] == evaluate(book, 0.18, 2)


def test_repeats_and_resolves() -> None:
    """A firing alert repeats after thirty seconds and resolves after three."""
    book = AlertBook("http://lab")
    for at in (0, 2):
        evaluate(book, 0.18, at)

    assert [] == evaluate(book, 0.18, 20)
    assert ["firing"] == evaluate(book, 0.18, 33)
    assert [] == evaluate(book, 0.002, 34) + evaluate(book, 0.03, 35)
    assert [] == evaluate(book, 0.002, 36)
    assert ["resolved"] == evaluate(book, 0.002, 40)


def test_the_webhook_is_alertmanagers() -> None:
    """Version 4, with the labels and the trace that triage needs."""
    book = AlertBook("http://lab")
    evaluate(book, 0.18, 0)
    webhook = book.evaluate(
        [reading(0.18)],
        elapsed_seconds=2,
        now=1002,
        failing_traces={"discourse": "c0ffee"},
    )[0]

    alert = webhook["alerts"][0]
    assert ("4", '{}:{alertname="HighErrorRate", service="discourse"}') == (
        webhook["version"],
        webhook["groupKey"],
    )
    assert ("prod", "critical", "reliability") == tuple(
        alert["labels"][name] for name in ("environment", "severity", "team")
    )
    assert ("c0ffee", NOT_ENDED, 16) == (
        alert["annotations"]["correlation_id"],
        alert["endsAt"],
        len(alert["fingerprint"]),
    )

"""A reason names nobody, and no secret; what else it says stays."""

from orchestrator.reasons import hidden_reason


def test_a_reason_names_nobody() -> None:
    said = "ann@customer.example or +49 170 1234567, password=hunter2xyz, v1.2.3"

    assert (
        "[an email address] or [a phone number], password=[a secret], v1.2.3"
        == hidden_reason(said)
    )
    assert "bad deploy of feed" == hidden_reason("bad deploy of feed")

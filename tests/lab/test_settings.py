import pytest
from pydantic import ValidationError

from lab.settings import LabSettings

REQUIRED = (
    "SLACK_SIGNING_SECRET",
    "SLACK_BOT_TOKEN",
    "PLATFORM_TOKEN",
    "WEBHOOK_TOKEN",
)


def test_reads_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every variable begins with LAB_; secrets are not printed."""
    for name in REQUIRED:
        monkeypatch.setenv(f"LAB_{name}", "sesame")
    monkeypatch.setenv("LAB_PORT", "18091")
    settings = LabSettings()

    assert "http://127.0.0.1:18091" == settings.base_url
    assert "sesame" not in repr(settings)
    assert 3.0 == settings.slack_ack_seconds


def test_secrets_have_no_default(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lab without its secrets does not start."""
    for name in REQUIRED:
        monkeypatch.delenv(f"LAB_{name}", raising=False)

    with pytest.raises(ValidationError, match="slack_signing_secret"):
        LabSettings()

"""What the lab reads from its environment, once."""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from lab.slack.limits import ACK_SECONDS


class LabSettings(BaseSettings):
    """
    `time_scale` speeds the platform's dynamics up, never Slack's deadlines.

    `slack_ack_seconds` is what an app has to acknowledge a delivery: Slack's three, and
    more only where tests share a machine that stalls.
    `slack_retry_scale` divides the minutes until an event is sent again.
    `past_seconds` of a quiet platform are made at the start, to compare with.
    `crowd` people more are in the workspace. With a `slack_app_token` the app is
    reached over Socket Mode, and no more over HTTP.
    """

    model_config = SettingsConfigDict(env_prefix="LAB_", extra="ignore")

    port: int = Field(default=8090, ge=1, le=65535)
    web_url: str = "http://127.0.0.1:8080"
    slack_signing_secret: SecretStr
    slack_bot_token: SecretStr
    slack_app_token: SecretStr = SecretStr("")
    slack_ack_seconds: float = Field(default=ACK_SECONDS, gt=0, le=60)
    slack_retry_scale: float = Field(default=1.0, gt=0, le=10_000)
    platform_token: SecretStr
    webhook_path: str = "/webhooks/alertmanager/lab"
    webhook_token: SecretStr
    time_scale: float = Field(default=1.0, gt=0, le=1000)
    past_seconds: int = Field(default=900, ge=1, le=3600)
    state_file: Path | None = None
    crowd: int = Field(default=0, ge=0, le=99)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

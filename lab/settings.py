"""What the lab reads from its environment, once."""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class LabSettings(BaseSettings):
    """
    `time_scale` speeds the platform's dynamics up, never Slack's deadlines.

    `past_seconds` of a quiet platform are made at the start, to compare with.
    `crowd` people more are in the workspace.
    """

    model_config = SettingsConfigDict(env_prefix="LAB_", extra="ignore")

    port: int = Field(default=8090, ge=1, le=65535)
    web_url: str = "http://127.0.0.1:8080"
    slack_signing_secret: SecretStr
    slack_bot_token: SecretStr
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

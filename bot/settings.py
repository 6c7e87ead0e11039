"""The settings of web and courier, read once from the environment."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from wire.keys import FernetKey, FernetKeys


class WebSettings(BaseSettings):
    """What the web process holds."""

    model_config = SettingsConfigDict(extra="ignore")

    database_url: str = Field(alias="DATABASE_URL_WEB")
    slack_bot_token: str = Field(alias="SLACK_BOT_TOKEN")
    slack_signing_secret: str = Field(alias="SLACK_SIGNING_SECRET")
    slack_app_token: str = Field(
        default="", alias="SLACK_APP_TOKEN", pattern=r"^(xapp-.+)?$"
    )
    slack_api_url: str = Field(default="https://slack.com/api/", alias="SLACK_API_URL")
    slack_app_id: str = Field(
        default="", alias="SLACK_APP_ID", pattern=r"^(A[A-Z0-9]{1,30})?$"
    )
    outbound_strict: bool = Field(default=False, alias="OUTBOUND_STRICT")
    pseudonym_key: str = Field(alias="PSEUDONYM_KEY", min_length=16)
    host: str = Field(default="127.0.0.1", alias="WEB_HOST")
    port: int = Field(default=8080, alias="WEB_PORT")
    routes_file: Path = Field(default=Path("routes.yaml"), alias="ROUTES_FILE")
    agents_folder: Path = Field(default=Path("agents"), alias="AGENTS_FOLDER")
    policy_folder: Path = Field(default=Path("policy/rules"), alias="POLICY_FOLDER")
    mapping_file: Path | None = Field(default=None, alias="GENERIC_MAPPING_FILE")
    webhook_key: FernetKeys | None = Field(default=None, alias="WEBHOOK_KEY")
    webhook_per_second: float = Field(
        default=200, gt=0, alias="WEBHOOK_DELIVERIES_PER_SECOND"
    )
    webhook_burst: int = Field(default=2000, ge=1, alias="WEBHOOK_BURST_DELIVERIES")
    stranger_per_second: float = Field(
        default=20, gt=0, alias="WEBHOOK_STRANGERS_PER_SECOND"
    )
    stranger_burst: int = Field(default=100, ge=1, alias="WEBHOOK_BURST_STRANGERS")


class CourierSettings(BaseSettings):
    """What the courier holds."""

    model_config = SettingsConfigDict(extra="ignore")

    database_url: str = Field(alias="DATABASE_URL_COURIER")
    slack_bot_token: str = Field(alias="SLACK_BOT_TOKEN")
    slack_api_url: str = Field(default="https://slack.com/api/", alias="SLACK_API_URL")
    outbound_strict: bool = Field(default=False, alias="OUTBOUND_STRICT")
    reveal_key: FernetKey = Field(alias="REVEAL_KEY")
    redis_url: str = Field(default="", alias="REDIS_URL")
    slack_rate: float = Field(default=1.0, gt=0, le=1000, alias="SLACK_RATE")
    lease_seconds: int = Field(default=30, ge=2, alias="COURIER_LEASE_SECONDS")

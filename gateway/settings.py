"""The gateway's settings, read once from the environment."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from wire.keys import FernetKey

CONNECTOR_PREFIX = "CONNECTOR_"


class GatewaySettings(BaseSettings):
    """
    One gateway serves one environment.

    ``lab_only`` says that every connector is the lab's: then writes may run although
    no sandbox could be had. Without ``connectors_file`` the platform and Prometheus are
    the only systems; an empty URL is a system that is not there. ``model_private``
    lets the model's endpoint be on this host or in a private network.
    """

    model_config = SettingsConfigDict(extra="ignore")

    database_url: str = Field(alias="DATABASE_URL_GATEWAY")
    redis_url: str = Field(default="", alias="REDIS_URL")
    environment: str = Field(default="prod", alias="GATEWAY_ENVIRONMENT")
    socket_folder: Path = Field(alias="GATEWAY_SOCKET_FOLDER")
    token_public_key: str = Field(alias="TOKEN_PUBLIC_KEY")
    vault_key: FernetKey = Field(alias="VAULT_KEY")
    pseudonym_key: str = Field(alias="PSEUDONYM_KEY", min_length=16)
    reveal_key: FernetKey = Field(alias="REVEAL_KEY")
    platform_url: str = Field(default="", alias="PLATFORM_URL")
    platform_token: str = Field(default="", alias="PLATFORM_TOKEN")
    prometheus_url: str = Field(default="", alias="PROMETHEUS_URL")
    prometheus_token: str = Field(default="", alias="PROMETHEUS_TOKEN")
    connectors_file: Path | None = Field(default=None, alias="CONNECTORS_FILE")
    model_base_url: str = Field(default="", alias="MODEL_BASE_URL")
    model_api_key: str = Field(default="", alias="MODEL_API_KEY", repr=False)
    model_key_header: str = Field(default="Authorization", alias="MODEL_KEY_HEADER")
    model_private: bool = Field(default=False, alias="MODEL_PRIVATE")
    model_deadline_seconds: float = Field(
        default=60.0, alias="MODEL_DEADLINE_SECONDS", gt=0, le=600
    )
    model_stall_seconds: float = Field(
        default=20.0, alias="MODEL_STALL_SECONDS", gt=0, le=600
    )
    models_file: Path = Field(default=Path("models.yaml"), alias="MODELS_FILE")
    metrics_port: int | None = Field(default=None, alias="GATEWAY_METRICS_PORT")
    lab_only: bool = Field(default=False, alias="GATEWAY_LAB_ONLY")
    reads_per_minute: int = Field(default=600, alias="GATEWAY_READS_PER_MINUTE")
    tool_reads_per_minute: int = Field(
        default=300, alias="GATEWAY_TOOL_READS_PER_MINUTE"
    )
    agents_folder: Path = Field(default=Path("agents"), alias="AGENTS_FOLDER")
    policy_folder: Path = Field(default=Path("policy/rules"), alias="POLICY_FOLDER")


class FileSettings(BaseSettings):
    """Where the texts lie that a release is made of."""

    model_config = SettingsConfigDict(extra="ignore")

    agents_folder: Path = Field(default=Path("agents"), alias="AGENTS_FOLDER")
    policy_folder: Path = Field(default=Path("policy/rules"), alias="POLICY_FOLDER")
    routes_file: Path = Field(default=Path("routes.yaml"), alias="ROUTES_FILE")
    connectors_file: Path | None = Field(default=None, alias="CONNECTORS_FILE")
    mapping_file: Path | None = Field(default=None, alias="GENERIC_MAPPING_FILE")
    model_base_url: str = Field(default="", alias="MODEL_BASE_URL")
    models_file: Path = Field(default=Path("models.yaml"), alias="MODELS_FILE")


def connector_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """Give the credentials that connectors.yaml may name, and nothing else."""
    return {
        name: value
        for name, value in environment.items()
        if name.startswith(CONNECTOR_PREFIX)
    }

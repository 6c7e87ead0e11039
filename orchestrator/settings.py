"""The settings of worker and sealer, read once from the environment."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class WorkerSettings(BaseSettings):
    """
    What the worker holds; ``sandbox`` is auto, bubblewrap, namespaces or none.

    ``environment`` is the one that the gateway behind its socket serves.
    """

    model_config = SettingsConfigDict(extra="ignore")

    database_url: str = Field(alias="DATABASE_URL_WORKER")
    redis_url: str = Field(alias="REDIS_URL")
    token_private_key: str = Field(alias="TOKEN_PRIVATE_KEY")
    environment: str = Field(default="prod", alias="GATEWAY_ENVIRONMENT")
    socket_folder: Path = Field(alias="GATEWAY_SOCKET_FOLDER")
    agents_folder: Path = Field(default=Path("agents"), alias="AGENTS_FOLDER")
    sandbox: str = Field(default="auto", alias="SANDBOX")
    lease_seconds: int = Field(default=30, ge=2, alias="WORKER_LEASE_SECONDS")


class SealerSettings(BaseSettings):
    """What the sealer holds."""

    model_config = SettingsConfigDict(extra="ignore")

    database_url: str = Field(alias="DATABASE_URL_SEALER")
    redis_url: str = Field(default="", alias="REDIS_URL")

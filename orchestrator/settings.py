"""The settings of worker and sealer, read once from the environment."""

from base64 import b64decode
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from audit.checkpoint import public_of
from wire.keys import LogName, PublicKeys


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


class TrustSettings(BaseSettings):
    """
    What holds a ledger to its word; neither a database nor a private key is needed.

    ``verifier_keys`` are public keys in base64, between commas: of those who look, and
    of those who have signed and sign no more.
    """

    model_config = SettingsConfigDict(extra="ignore")

    log: LogName = Field(default="ops-autopilot", alias="LEDGER_NAME")
    verifier_keys: PublicKeys = Field(default="", alias="LEDGER_VERIFIER_KEYS")
    signing_key: str = Field(default="", alias="LEDGER_SIGNING_KEY")
    anchor_file: Path | None = Field(default=None, alias="LEDGER_ANCHOR_FILE")

    @property
    def trusted(self) -> tuple[bytes, ...]:
        """Give the public keys; that of the signing key is among them, where it is."""
        listed = [b64decode(one) for one in self.verifier_keys.split(",") if one]
        own = [public_of(self.signing_key)] if self.signing_key else []
        return tuple(dict.fromkeys([*own, *listed]))


class LedgerSettings(TrustSettings):
    """Where the ledger is, beside."""

    database_url: str = Field(alias="DATABASE_URL_SEALER")


class BusSettings(BaseSettings):
    """Where events go: Redis Streams, unless another bus is named."""

    model_config = SettingsConfigDict(extra="ignore")

    redis_url: str = Field(default="", alias="REDIS_URL")
    events_url: str = Field(default="", alias="EVENTS_URL")

    @property
    def bus_url(self) -> str:
        """Give the bus's URL; empty where there is none."""
        return self.events_url or self.redis_url


class SealerSettings(LedgerSettings, BusSettings):
    """What the sealer holds beside: it signs, so the key is needed."""

    signing_key: str = Field(alias="LEDGER_SIGNING_KEY")
    checkpoint_seconds: float = Field(
        default=5.0, gt=0, alias="LEDGER_CHECKPOINT_SECONDS"
    )
    alarm_seconds: float = Field(default=30.0, gt=0, alias="LEDGER_ALARM_SECONDS")
    metrics_port: int | None = Field(default=None, alias="SEALER_METRICS_PORT")

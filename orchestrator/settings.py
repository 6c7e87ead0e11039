"""The settings of worker and sealer, read once from the environment."""

from base64 import b64decode
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

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


class LedgerSettings(BaseSettings):
    """
    Where the ledger is, and what holds it to its word; no private key.

    ``verifier_keys`` are public keys in base64, between commas: of those who look, and
    of those who have signed and sign no more.
    """

    model_config = SettingsConfigDict(extra="ignore")

    database_url: str = Field(alias="DATABASE_URL_SEALER")
    log: LogName = Field(default="ops-autopilot", alias="LEDGER_NAME")
    verifier_keys: PublicKeys = Field(default="", alias="LEDGER_VERIFIER_KEYS")
    anchor_file: Path | None = Field(default=None, alias="LEDGER_ANCHOR_FILE")

    @property
    def trusted(self) -> tuple[bytes, ...]:
        return tuple(map(b64decode, filter(None, self.verifier_keys.split(","))))


class SealerSettings(LedgerSettings):
    """What the sealer holds beside."""

    redis_url: str = Field(default="", alias="REDIS_URL")
    signing_key: str = Field(alias="LEDGER_SIGNING_KEY")
    checkpoint_seconds: float = Field(
        default=5.0, gt=0, alias="LEDGER_CHECKPOINT_SECONDS"
    )

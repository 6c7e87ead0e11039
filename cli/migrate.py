"""``autopilot db upgrade``: alembic, under the release role."""

from pathlib import Path

from alembic.config import Config
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from alembic import command

ROOT = Path(__file__).resolve().parent.parent


class ReleaseSettings(BaseSettings):
    model_config = SettingsConfigDict(extra="ignore")

    database_url: str = Field(alias="DATABASE_URL_RELEASE")


def alembic_config(url: str) -> Config:
    config = Config(str(ROOT / "alembic.ini"))
    config.set_main_option("script_location", str(ROOT / "alembic"))
    config.set_main_option("sqlalchemy.url", url.replace("%", "%%"))
    return config


def upgrade(url: str) -> None:
    """Migrate to the newest revision; waits for another release to end."""
    command.upgrade(alembic_config(url), "head")

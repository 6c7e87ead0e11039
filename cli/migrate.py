"""``autopilot db upgrade``: alembic, under the release role."""

from pathlib import Path

from alembic.config import Config
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.exc import OperationalError

from alembic import command
from storage.errors import DatabaseUnreachable

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
    """
    Migrate to the newest revision; waits for another release to end.

    Raises:
        DatabaseUnreachable: no connection could be had.
    """
    try:
        command.upgrade(alembic_config(url), "head")
    except OperationalError as exc:
        if exc.statement is not None:
            raise
        raise DatabaseUnreachable(
            f"db upgrade: {str(exc.orig).splitlines()[0]}; "
            "check DATABASE_URL_RELEASE and that Postgres runs"
        ) from exc

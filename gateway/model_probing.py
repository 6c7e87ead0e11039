"""Whether the model's endpoint answers, and which models it says that it has."""

import asyncio
from collections.abc import Collection
from dataclasses import dataclass

import httpx

from gateway.assembly import open_client
from gateway.model_assembly import model_connector
from gateway.ports import ConnectorError
from gateway.settings import GatewaySettings

_PATH = "models"
_REFUSED = frozenset({401, 403})
_SECONDS = 10.0
_MOST_BYTES = 1024 * 1024


@dataclass(frozen=True, slots=True)
class ModelProbed:
    """``error`` is "" where it answered; ``names`` None where it lists no models."""

    url: str
    error: str
    names: tuple[str, ...] | None

    def missing(self, wanted: Collection[str]) -> list[str]:
        """Give those that a list of models lacks; nothing where there is no list."""
        return [] if self.names is None else sorted(set(wanted) - set(self.names))


async def probe_model(settings: GatewaySettings) -> ModelProbed | None:
    """
    Ask the endpoint for its list of models, which costs nothing; None without one.

    Raises:
        PolicyError: its address is none that may be asked.
    """
    if not settings.model_base_url:
        return None
    connector = model_connector(settings)
    secrets = {"CONNECTOR_KEY": settings.model_api_key}
    try:
        async with open_client(connector, secrets) as client, asyncio.timeout(_SECONDS):
            answer = await client.get(_PATH)
    except TimeoutError:
        return ModelProbed(connector.url, f"no answer in {_SECONDS:g} s", None)
    except (httpx.HTTPError, ConnectorError, OSError) as exc:
        return ModelProbed(connector.url, f"{type(exc).__name__}: {exc}", None)
    if answer.status_code in _REFUSED:
        said = f"HTTP {answer.status_code}: the key is refused; check MODEL_API_KEY"
        return ModelProbed(connector.url, said, None)
    if answer.status_code >= httpx.codes.INTERNAL_SERVER_ERROR:
        return ModelProbed(connector.url, f"HTTP {answer.status_code}", None)
    return ModelProbed(connector.url, "", _names(answer))


def _names(answer: httpx.Response) -> tuple[str, ...] | None:
    if not answer.is_success or len(answer.content) > _MOST_BYTES:
        return None
    try:
        listed = answer.json()["data"]
        return tuple(str(one["id"]) for one in listed)
    except (ValueError, KeyError, TypeError):
        return None

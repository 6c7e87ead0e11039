"""Builds the client of the model's endpoint, with the key that the gateway holds."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from pydantic import ValidationError

from gateway.assembly import open_client
from gateway.connector_kinds import Auth, Connector
from gateway.connectors.model import HttpModel
from gateway.connectors.pinned import Resolve
from gateway.model_catalog import Models, load_models
from gateway.settings import GatewaySettings
from policy.errors import PolicyError


@asynccontextmanager
async def assemble_model(
    settings: GatewaySettings, *, resolve: Resolve | None = None
) -> AsyncIterator[Models | None]:
    """
    Open the client of the model's endpoint; None where no endpoint is configured.

    Raises:
        PolicyError: models.yaml does not load, or the endpoint's address is no such.
    """
    if not settings.model_base_url:
        yield None
        return
    file = load_models(settings.models_file)
    async with open_client(
        model_connector(settings),
        {"CONNECTOR_KEY": settings.model_api_key},
        resolve=resolve,
    ) as client:
        port = HttpModel(client, settings.model_stall_seconds)
        yield Models(port, file, settings.model_deadline_seconds)


def model_connector(settings: GatewaySettings) -> Connector:
    """
    Describe the endpoint as any outside system: pinned, and private if it says so.

    Raises:
        PolicyError: MODEL_BASE_URL is no address that may be asked.
    """
    plain = settings.model_key_header.lower() != "authorization"
    header = {"header": settings.model_key_header, "value": "CONNECTOR_KEY"}
    auth = header if plain else {"bearer": "CONNECTOR_KEY"}
    try:
        return Connector(
            url=settings.model_base_url.rstrip("/"),
            private=settings.model_private,
            deadline_seconds=min(60.0, settings.model_deadline_seconds),
            auth=Auth.model_validate(auth) if settings.model_api_key else None,
        )
    except ValidationError as exc:
        said = exc.errors(include_url=False, include_input=False)[0]["msg"]
        raise PolicyError(
            "MODEL_BASE_URL",
            0,
            what=f"can't be asked: {said}",
            mend="say https://host/v1, or MODEL_PRIVATE=true for a private address",
        ) from exc

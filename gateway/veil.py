"""
A task's placeholders: what its rows hold of personal values, and the way back.

Theory of operation. Whatever a run, a person or a connector hands to the gateway is
hidden before it is stored or shown: results and params whole, a target's state by the
marks of its model alone, since an undo has to restore it exactly. The values stand
encrypted in the vault, a placeholder each for task and value. ``lift`` gives them back
in memory, for the connector and for nobody else.
"""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from uuid import UUID

from cryptography.fernet import Fernet
from pydantic import BaseModel, JsonValue

from gateway.gate import Gate, RefusedCall
from gateway.redaction.fingerprint import tenant_key
from gateway.redaction.marks import Marks, marks_of, mask
from gateway.redaction.placeholder import Placeholders
from gateway.redaction.pseudonym import pseudonyms_in
from gateway.redaction.redact import Redacted, disarmed, redact
from gateway.redaction.rehydrate import UnknownPlaceholder, rehydrate
from gateway.redaction.rules import policy_of
from storage import alerts, tasks, vault
from storage.database import Tx

_NO_MARKS: Marks = {}


@asynccontextmanager
async def veil(gate: Gate, tx: Tx, task_id: UUID) -> AsyncIterator[Placeholders]:
    """
    Give the task's placeholders; what is new among them is kept at the end.

    The caller holds the task's row, which keeps two calls from one placeholder.
    """
    placeholders = Placeholders(
        key=f"{task_id}:{gate.vault_key}".encode(),
        known=dict(await vault.list_known(tx, task_id)),
        policy=policy_of(gate.policy.redaction),
        aliases=await _named_in_alerts(tx, task_id),
        tenant=tenant_key(gate.pseudonym_key, tx.here.tenant_id),
    )
    yield placeholders
    cipher = Fernet(gate.vault_key)
    for placeholder, kind, fingerprint, value in placeholders.fresh:
        sealed = cipher.encrypt(value.encode())
        await vault.keep(
            tx, task_id, vault.Secret(placeholder, kind, fingerprint, sealed)
        )


async def _named_in_alerts(tx: Tx, task_id: UUID) -> frozenset[str]:
    """Give the pseudonyms of the task's alerts and title."""
    told = [
        (one.title, *one.labels.values(), *one.annotations.values())
        for one in await alerts.list_of_task(tx, task_id)
    ]
    title = (await tasks.get(tx, task_id)).title
    return pseudonyms_in(title, *(text for texts in told for text in texts))


def hide(
    body: Mapping[str, JsonValue],
    placeholders: Placeholders,
    model: type[BaseModel] | None = None,
    *,
    outside: bool = False,
) -> Redacted:
    """
    Hide what the model marks, then what keys and texts tell.

    ``outside``: the body comes from a system, where somebody may have written what
    looks like this task's placeholders, to have another person's value sent to them.
    """
    given = disarmed(dict(body), placeholders) if outside else dict(body)
    masked = mask(given, marks_of(model) if model else _NO_MARKS, placeholders)
    return redact(masked if isinstance(masked, dict) else {}, placeholders)


def hide_state(state: BaseModel, placeholders: Placeholders) -> dict[str, JsonValue]:
    """Hide what a state's model marks, and nothing else: it has to come back whole."""
    masked = mask(state.model_dump(mode="json"), marks_of(type(state)), placeholders)
    return masked if isinstance(masked, dict) else {}


def holds_placeholder(body: Mapping[str, JsonValue]) -> bool:
    return "⟨" in json.dumps(dict(body), ensure_ascii=False)


async def lift(
    gate: Gate, tx: Tx, task_id: UUID, body: Mapping[str, JsonValue]
) -> dict[str, JsonValue]:
    """
    Give the values back that stand behind a body's placeholders.

    Raises:
        RefusedCall: the task has no such placeholder.
    """
    given = dict(body)
    if not holds_placeholder(given):
        return given
    cipher = Fernet(gate.vault_key)
    known = {
        placeholder: cipher.decrypt(sealed).decode()
        for placeholder, sealed in (await vault.list_sealed(tx, task_id)).items()
    }
    try:
        lifted = rehydrate(given, known)
    except UnknownPlaceholder as exc:
        raise RefusedCall(
            "unknown_placeholder", rule="placeholders", message=str(exc), status=422
        ) from exc
    return lifted if isinstance(lifted, dict) else {}

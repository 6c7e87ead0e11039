"""
A task's placeholders: what its rows hold of personal values, and the way back.

Theory of operation. Whatever a run, a person or a connector hands to the gateway is
hidden before it is stored or shown: results whole, params by the marks of their model,
a target's state text by text, since an undo has to restore it exactly. The values stand
encrypted in the vault, a placeholder each for task and value. ``lift`` gives them back
in memory, for the connector and for nobody else.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Mapping
from contextlib import asynccontextmanager
from functools import partial
from uuid import UUID

import structlog
from cryptography.fernet import Fernet, InvalidToken
from pydantic import BaseModel, JsonValue, ValidationError

from gateway.gate import Gate, RefusedCall
from gateway.redaction.fingerprint import tenant_key
from gateway.redaction.marks import Marks, marks_of, mask
from gateway.redaction.placeholder import FORM, WHOLE, Placeholders, Searched
from gateway.redaction.pseudonym import pseudonyms_in
from gateway.redaction.redact import Redacted, disarmed, redact, redact_text, sealed
from gateway.redaction.rehydrate import (
    MisplacedPlaceholder,
    UnknownPlaceholder,
    rehydrate,
)
from gateway.redaction.rules import policy_of
from gateway.redaction.walk import walk
from policy.scope import Scope
from storage import vault
from storage.database import Tx
from storage.redacted import RedactedText
from storage.steps import Step


class VaultShut(Exception):
    """
    A value that is kept, and that this gateway's key does not open: a fault of ours.

    No refusal: whoever asks again once ``VAULT_KEY`` is put right is answered.
    """


class ForgottenValue(RefusedCall):
    """What a placeholder stood for was deleted some days after its task had ended."""

    def __init__(self, placeholder: str, *, is_state: bool) -> None:
        what = "its former state" if is_state else f"what {placeholder} stands for"
        super().__init__(
            "forgotten_value",
            rule="placeholders",
            message=f"{what} is no longer kept; a person has to act by hand",
            status=422,
        )


# Characters of JSON, and how long more of them may be searched.
MOST_IN_A_TURN = 64 * 1024
SEARCH_SECONDS = 30.0
_NO_MARKS: Marks = {}
# What no search of a text finds again, once it has been lifted.
_UNSEARCHED = ("name", "birth", "address", "user_id", "national_id")


@asynccontextmanager
async def veil(
    gate: Gate,
    tx: Tx,
    task_id: UUID,
    *,
    searched: Searched | None = None,
    for_run: bool = False,
) -> AsyncIterator[Placeholders]:
    """
    Give the task's placeholders; what is new among them is kept at the end.

    The caller holds the task's row, which keeps two calls from one placeholder.
    ``searched`` is what ``search_ahead`` has found. How many secrets and cards were
    removed for good is logged. ``for_run``: a run or a model will read it, so that
    whoever the task knows has to be known.

    Raises:
        VaultShut: ``for_run``, and a name is sealed under another key.
    """
    placeholders = await _placeholders_of(gate, tx, task_id, for_run=for_run)
    placeholders.searched = searched
    yield placeholders
    cipher = Fernet(gate.vault_key)
    fresh = [
        vault.Secret(placeholder, kind, fingerprint, cipher.encrypt(value.encode()))
        for placeholder, kind, fingerprint, value in placeholders.fresh
    ]
    await vault.keep(tx, task_id, fresh)
    if placeholders.secrets_removed:
        structlog.get_logger().info(
            "secrets.removed",
            task_id=str(task_id),
            secrets=placeholders.secrets_removed,
        )


async def search_ahead(
    gate: Gate,
    scope: Scope,
    task_id: UUID,
    body: Mapping[str, JsonValue],
    hiding: Callable[[Mapping[str, JsonValue], Placeholders], Redacted],
) -> Searched | None:
    """
    Search what came in, where it is long, before a transaction waits for it.

    ``hiding`` is how it will be hidden then.

    Strangers write it: a megabyte of names and streets takes seconds, in which this
    process has writes under way. None where it is short.

    Raises:
        TimeoutError: it takes longer than ``SEARCH_SECONDS``.
    """
    if len(json.dumps(dict(body))) <= MOST_IN_A_TURN:
        return None
    async with gate.database.transaction(scope, Step.look) as tx:
        placeholders = await _placeholders_of(gate, tx, task_id)
    placeholders.searched = {}
    search = partial(hiding, body, placeholders)
    async with asyncio.timeout(SEARCH_SECONDS):
        await asyncio.get_running_loop().run_in_executor(gate.searchers, search)
    return placeholders.searched


async def _placeholders_of(
    gate: Gate, tx: Tx, task_id: UUID, *, for_run: bool = False
) -> Placeholders:
    known = await vault.list_known(tx, task_id, kinds=_UNSEARCHED)
    named = _open(gate, known.sealed)
    if for_run and len(named) < len(known.sealed):
        raise VaultShut("who is known is sealed under another key: put VAULT_KEY right")
    return Placeholders(
        key=f"{task_id}:{gate.vault_key}".encode(),
        known=dict(known.placeholders),
        policy=policy_of(gate.policy.redaction),
        aliases=pseudonyms_in(known.named),
        tenant=tenant_key(gate.pseudonym_key, tx.here.tenant_id),
        named=named,
        forgotten=set(known.forgotten),
    )


async def told(
    gate: Gate, tx: Tx, task_id: UUID, text: str, *, outside: bool = False
) -> RedactedText:
    """
    Give a text as it may be stored and told; the caller holds the task's row.

    ``outside``: a system's words are in it.
    """
    async with veil(gate, tx, task_id) as placeholders:
        if outside:
            return hide_words(text, placeholders)
        return redact_text(text, placeholders)


def hide_words(text: str, placeholders: Placeholders) -> RedactedText:
    """Hide what a system said: what looks like a placeholder there is a stranger's."""
    return redact_text(str(disarmed({"": text}, placeholders)[""]), placeholders)


def hide_texts(
    body: Mapping[str, JsonValue],
    placeholders: Placeholders,
    texts: Collection[str],
    *,
    own: bool = True,
) -> Redacted:
    """
    Hide a body of a protocol of ours: its texts whole, its words never.

    People choose their names, and one may be called ``messages``: what is known of them
    is put back under the keys ``texts`` alone. ``own`` as in ``Placeholders``.
    """

    def on_leaf(leaf: JsonValue, key: str) -> JsonValue:
        if isinstance(leaf, str) and key in texts:
            return redact_text(leaf, placeholders)
        return leaf

    placeholders.is_own = own
    try:
        filled = walk(dict(body), on_leaf, str)
    finally:
        placeholders.is_own = True
    with placeholders.nobody_named():
        return redact(filled if isinstance(filled, dict) else {}, placeholders)


def hide(
    body: Mapping[str, JsonValue],
    placeholders: Placeholders,
    model: type[BaseModel] | None = None,
    *,
    outside: bool = False,
) -> Redacted:
    """
    Hide what the model marks, then what keys and texts tell.

    Who is named in one of its fields is hidden in its texts, too.

    ``outside``: the body comes from a system, where somebody may have written what
    looks like this task's placeholders, to have another person's value sent to them.
    """
    given = disarmed(dict(body), placeholders) if outside else dict(body)
    masked = mask(given, marks_of(model) if model else _NO_MARKS, placeholders)
    placeholders.is_own = not outside
    try:
        placeholders.learn(_UNSEARCHED)
        hidden = redact(masked if isinstance(masked, dict) else {}, placeholders)
        if placeholders.learn(_UNSEARCHED):
            hidden = redact(hidden, placeholders)
        return hidden
    finally:
        placeholders.is_own = True


def hide_state(state: BaseModel, placeholders: Placeholders) -> dict[str, JsonValue]:
    """
    Hide what a state's model marks, and whole each other text that tells of somebody.

    Nothing is cut out of a text: an undo restores it to the letter.
    """
    given = state.model_dump(mode="json")
    return sealed(hide_marked(state, placeholders), given, placeholders)


def hide_marked(model: BaseModel, placeholders: Placeholders) -> dict[str, JsonValue]:
    """Hide what params' model marks, and nothing else: people and policy read them."""
    masked = mask(model.model_dump(mode="json"), marks_of(type(model)), placeholders)
    return masked if isinstance(masked, dict) else {}


def holds_placeholder(body: Mapping[str, JsonValue]) -> bool:
    return "⟨" in json.dumps(dict(body), ensure_ascii=False)


async def lift(
    gate: Gate, tx: Tx, task_id: UUID, body: Mapping[str, JsonValue]
) -> dict[str, JsonValue]:
    """
    Give the values back that stand behind a body's placeholders.

    Raises:
        RefusedCall: the task has no such placeholder, one stands in a key, where an
            error would quote its value, or where its value could add fields to JSON.
        ForgottenValue: it had one.
        VaultShut: it has one, sealed under another key.
    """
    given = dict(body)
    text = json.dumps(given, ensure_ascii=False)
    if "⟨" not in text:
        return given
    if any("⟨" in key for key in _keys(given)):
        raise _refused("a placeholder stands for a value, never for a param's name")
    hits = {hit[0]: hit[1] for hit in FORM.finditer(text)}
    known = await values_of(gate, tx, task_id, hits)
    await _refuse_forgotten(
        tx, task_id, {one: hits[one] for one in hits.keys() - known}
    )
    try:
        lifted = rehydrate(given, known)
    except (UnknownPlaceholder, MisplacedPlaceholder) as exc:
        raise _refused(str(exc)) from exc
    return lifted if isinstance(lifted, dict) else {}


async def lift_given(
    gate: Gate, tx: Tx, task_id: UUID, body: Mapping[str, JsonValue]
) -> dict[str, JsonValue]:
    """
    Lift what a run or a person gave: a person's value, and no state of a system's.

    Whatever a system held may stand behind one, secrets too: an undo alone restores it.

    Raises:
        RefusedCall: as ``lift``, and where such a state is asked for.
    """
    text = json.dumps(dict(body), ensure_ascii=False)
    if any(hit[1] == WHOLE for hit in FORM.finditer(text)):
        raise _refused("a system's former state comes back by an undo alone")
    return await lift(gate, tx, task_id, body)


def say_unread(exc: Exception) -> str:
    """Say why rows could not be read; pydantic's own words would quote them."""
    if isinstance(exc, ValidationError):
        first = exc.errors(include_input=False, include_url=False)[0]
        return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"
    return str(exc)


async def values_of(
    gate: Gate, tx: Tx, task_id: UUID, placeholders: Collection[str]
) -> dict[str, str]:
    """
    Give the values of those that the task knows and has not forgotten.

    Raises:
        VaultShut: one of them is sealed under another key.
    """
    sealed = await vault.list_sealed(tx, task_id, placeholders)
    values = _open(gate, sealed)
    shut = sorted(sealed.keys() - values.keys())
    if shut:
        raise VaultShut(f"{shut[0]} is sealed under another key: put VAULT_KEY right")
    return values


async def _refuse_forgotten(tx: Tx, task_id: UUID, missing: Mapping[str, str]) -> None:
    """Tell of what is ``missing``, by its kind, what was kept once."""
    if not missing:
        return
    known = await vault.list_known(tx, task_id, kinds=())
    for placeholder in sorted(known.forgotten & missing.keys()):
        is_state = missing[placeholder] == WHOLE
        raise ForgottenValue(placeholder, is_state=is_state)


def _open(gate: Gate, sealed: Mapping[str, bytes]) -> dict[str, str]:
    """Give what this gateway's key opens; a search goes on without the rest."""
    cipher = Fernet(gate.vault_key)
    values: dict[str, str] = {}
    for name, value in sealed.items():
        try:
            values[name] = cipher.decrypt(value).decode()
        except InvalidToken:
            structlog.get_logger().error("vault.not_opened", placeholder=name)
    return values


def _keys(value: JsonValue) -> Iterator[str]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield key
            yield from _keys(item)
    if isinstance(value, list):
        for item in value:
            yield from _keys(item)


def _refused(message: str) -> RefusedCall:
    return RefusedCall(
        "unknown_placeholder", rule="placeholders", message=message, status=422
    )

"""The veil: what a task's rows hold, and what its connectors get."""

import json

import pytest
from pydantic import BaseModel, Field, JsonValue
from structlog.testing import capture_logs

from gateway.gate import RefusedCall
from gateway.redaction.fingerprint import tenant_key
from gateway.redaction.pseudonym import Pseudonyms
from gateway.redaction.redact import redact_text
from gateway.registry import personal
from gateway.veil import hide, hide_marked, hide_state, holds_placeholder, lift, veil
from storage.steps import Step
from tests.gateway.world import PSEUDONYM_KEY, World
from tests.samples import add_alert, alert

MAIL = "ann@example.org"


class Account(BaseModel):
    name: str = Field(json_schema_extra=personal("name"))
    former: str = Field(default="", json_schema_extra=personal("former"))
    note: str = ""


async def test_what_is_hidden_comes_back(world: World) -> None:
    """In another transaction of the same task, whole and to the letter."""
    claims = await world.start()
    given = {"name": "Ann Lee", "former": '{"On": true}', "note": f"ask {MAIL}"}
    async with (
        world.gate.database.transaction(world.scope, Step.begin_call) as tx,
        veil(world.gate, tx, claims.task_id) as placeholders,
    ):
        hidden = hide(given, placeholders, Account)
    async with world.gate.database.transaction(world.scope, Step.look) as tx:
        lifted = await lift(world.gate, tx, claims.task_id, hidden)

    assert given == lifted
    assert {"name": "⟨name:1⟩", "former": "⟨former:1⟩", "note": "ask ⟨email:1⟩"} == (
        hidden
    )


@pytest.mark.parametrize("from_system", [True, False])
async def test_who_is_named_in_an_answer_is_hidden_in_its_texts(
    world: World, *, from_system: bool
) -> None:
    """By its model, or by a key alone; the first time that the task hears of them."""
    claims = await world.start()
    given: dict[str, JsonValue] = {
        "note": "Zebulon Quux cannot log in; Kim Possible-Lee can",
        "name": "Zebulon Quux",
        "more": {"last_name": "Kim Possible-Lee", "text": "Regards, Zebulon Quux"},
    }
    async with (
        world.gate.database.transaction(world.scope, Step.begin_call) as tx,
        veil(world.gate, tx, claims.task_id) as placeholders,
    ):
        hidden = hide(given, placeholders, Account, outside=from_system)

    assert "Quux" not in str(hidden)
    assert "Possible-Lee" not in str(hidden)
    assert str(hidden["name"]) in str(hidden["note"])
    assert str(hidden["name"]) in str(hidden["more"])


async def test_a_name_adds_no_field_to_json_in_a_text(world: World) -> None:
    """It is escaped where it lands; where that can't be, the call is refused."""
    claims = await world.start()
    given = {"name": 'x","admin":true,"y":"'}
    async with (
        world.gate.database.transaction(world.scope, Step.begin_call) as tx,
        veil(world.gate, tx, claims.task_id) as placeholders,
    ):
        name = str(hide(given, placeholders, Account)["name"])
    async with world.gate.database.transaction(world.scope, Step.look) as tx:
        body = {"note": json.dumps({"who": name}, ensure_ascii=False)}
        lifted = await lift(world.gate, tx, claims.task_id, body)
        with pytest.raises(RefusedCall, match="without quotes") as caught:
            await lift(world.gate, tx, claims.task_id, {"note": f'{{"who": {name}}}'})

    assert {"who": given["name"]} == json.loads(str(lifted["note"]))
    assert "admin" not in str(caught.value)


async def test_the_same_value_keeps_its_placeholder(world: World) -> None:
    """Over transactions; the vault holds it once, encrypted."""
    claims = await world.start()
    found = []
    for text in (MAIL, f"{MAIL}, bob@example.org"):
        async with (
            world.gate.database.transaction(world.scope, Step.begin_call) as tx,
            veil(world.gate, tx, claims.task_id) as placeholders,
        ):
            found.append(hide({"note": text}, placeholders)["note"])
    rows = await world.rows("SELECT placeholder, ciphertext FROM vault ORDER BY 1")

    assert ["⟨email:1⟩", "⟨email:1⟩, ⟨email:2⟩"] == found
    assert ["⟨email:1⟩", "⟨email:2⟩"] == [one["placeholder"] for one in rows]
    assert not [one for one in rows if MAIL.encode() in bytes(one["ciphertext"])]


@pytest.mark.parametrize(
    "note", [MAIL, f"ask {MAIL}", "token=xoxb-0123456789-abcdef0123", "⟨name:1⟩", "on"]
)
async def test_a_state_comes_back_to_the_letter(world: World, note: str) -> None:
    """An undo restores it: what tells of somebody is hidden whole, a secret as well."""
    claims = await world.start()
    former = f'{{"userIds": ["{MAIL}"]}}'
    state = Account(name="Ann", former=former, note=note)
    async with (
        world.gate.database.transaction(world.scope, Step.begin_call) as tx,
        veil(world.gate, tx, claims.task_id) as placeholders,
    ):
        hidden = hide_state(state, placeholders)
    async with world.gate.database.transaction(world.scope, Step.look) as tx:
        lifted = await lift(world.gate, tx, claims.task_id, hidden)

    hides = note if note == "on" else "⟨former:2⟩"
    assert {"name": "⟨name:1⟩", "former": "⟨former:1⟩", "note": hides} == hidden
    assert state == Account.model_validate(lifted)


async def test_params_are_hidden_by_their_marks_alone(world: World) -> None:
    """What an action is about is read by policy, and by whoever decides."""
    claims = await world.start()
    async with (
        world.gate.database.transaction(world.scope, Step.begin_call) as tx,
        veil(world.gate, tx, claims.task_id) as placeholders,
    ):
        hidden = hide_marked(Account(name="Ann", note=MAIL), placeholders)

    assert {"name": "⟨name:1⟩", "former": "", "note": MAIL} == hidden


async def test_another_tasks_placeholder_is_refused(world: World) -> None:
    """It would be somebody else, or nobody."""
    first, second = await world.start(), await world.start()
    async with (
        world.gate.database.transaction(world.scope, Step.begin_call) as tx,
        veil(world.gate, tx, first.task_id) as placeholders,
    ):
        hidden = hide({"note": MAIL}, placeholders)
    async with world.gate.database.transaction(world.scope, Step.look) as tx:
        with pytest.raises(RefusedCall, match="no placeholder of this task") as caught:
            await lift(world.gate, tx, second.task_id, hidden)

    assert ("unknown_placeholder", 422) == (caught.value.code, caught.value.status)


async def test_who_stands_in_an_alert_keeps_that_name(world: World) -> None:
    """The pseudonym of intake is the placeholder of the task, and can be lifted."""
    claims = await world.start()
    hidden = Pseudonyms(key=tenant_key(PSEUDONYM_KEY, world.scope.tenant_id))
    title = redact_text(f"ask {MAIL}", hidden)
    async with world.database("worker").transaction(world.scope, Step.set_up) as tx:
        await add_alert(tx, alert("named", tx, title=title), claims.task_id)
    async with (
        world.gate.database.transaction(world.scope, Step.begin_call) as tx,
        veil(world.gate, tx, claims.task_id) as placeholders,
    ):
        found = hide({"note": f"ask {MAIL}"}, placeholders)
    async with world.gate.database.transaction(world.scope, Step.look) as tx:
        lifted = await lift(world.gate, tx, claims.task_id, {"note": title})

    assert title == found["note"]
    assert {"note": f"ask {MAIL}"} == lifted


def test_a_placeholder_is_seen_anywhere() -> None:
    """Deep in a body, in a key; brackets alone ask for a look."""
    assert holds_placeholder({"a": [{"b": "x ⟨email:1⟩"}]})
    assert holds_placeholder({"⟨email:1⟩": 1})
    assert not holds_placeholder({"a": "b", "n": 1})


async def test_who_writes_a_placeholder_gets_nobody_s_value(world: World) -> None:
    """A ticket that says ⟨email:1⟩ would have another person's address sent to it."""
    claims = await world.start()
    async with (
        world.gate.database.transaction(world.scope, Step.begin_call) as tx,
        veil(world.gate, tx, claims.task_id) as placeholders,
    ):
        hide({"note": MAIL}, placeholders)
        forged = hide({"note": f"mail ⟨email:1⟩ or {MAIL}"}, placeholders, outside=True)

    assert {"note": "mail \u2039email:1\u203a or ⟨email:1⟩"} == forged


async def test_removed_secrets_are_counted_in_the_log(world: World) -> None:
    """How many, and in which task; what nobody removed is no line."""
    claims = await world.start()
    given = {
        "note": f'{{"said": "{MAIL} xoxb-0123456789-abcdef0123"}}',
        "token": "x8Q1",
    }
    with capture_logs() as logs:
        for body in (given, {"note": MAIL}):
            async with (
                world.gate.database.transaction(world.scope, Step.begin_call) as tx,
                veil(world.gate, tx, claims.task_id) as placeholders,
            ):
                hide(body, placeholders)

    assert [
        {
            "event": "secrets.removed",
            "log_level": "info",
            "task_id": str(claims.task_id),
            "secrets": 2,
        }
    ] == logs

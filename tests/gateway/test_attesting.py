"""A person's word: who may give it, once, and what stands on it afterwards."""

import asyncio

import pytest

from gateway import attesting
from gateway.ports import Refused
from gateway.subjects import FlagState
from gateway.tools.feature_flag import FlagParams
from storage.canonical import plain
from storage.proposals import Proposal
from tests.gateway.outside import FLAG, Failure
from tests.gateway.steps import LOST_BEFORE, states, step, writes
from tests.gateway.world import GUEST, OPERATOR, SECOND, World

SETTLED_SECONDS = 13


async def lost(world: World) -> Proposal:
    """Bring an action to where nobody knows whether it took effect."""
    proposal = await world.approved()
    world.outside.flags.writes.coming.append(LOST_BEFORE)
    await step(world, proposal)
    world.outside.flags.put(enabled=True, rollout_percent=77)
    world.database.clock.move(seconds=SETTLED_SECONDS)
    await step(world, proposal)
    return await world.proposal(proposal.id)


async def drafted(world: World) -> Proposal:
    proposal = await world.shown()
    await world.database_change(
        "UPDATE proposals SET state = 'drafted' WHERE id = :id", id=proposal.id
    )
    return await world.proposal(proposal.id)


@pytest.mark.parametrize(
    ("word", "state"), [("took_effect", "succeeded"), ("no_effect", "failed")]
)
async def test_a_person_settles_what_nobody_could_tell(
    world: World, word: str, state: str
) -> None:
    """State, ledger and answer name the person and what the target read."""
    proposal = await lost(world)
    answer = await world.click(proposal, verdict=word)
    again = await world.click(proposal, verdict=word, user=SECOND)
    now = await world.proposal(proposal.id)
    [entry] = await world.events(proposal.task_id, "task.attested")

    assert ("attested", "already_decided") == (answer.code, again.code)
    assert (state, "operator") == (now.state, now.closed_by)
    assert (word, proposal.digest) == (entry["word"], entry["digest"])
    assert "77 %" in str(entry["target_text"])
    assert "77 %" in answer.text
    assert 0 == writes(world)


@pytest.mark.parametrize("word", ["took_effect", "no_effect", "carried_out"])
async def test_the_word_is_for_who_may_approve(world: World, word: str) -> None:
    """Another's changes nothing, and is kept as refused."""
    proposal = await (drafted if word == "carried_out" else lost)(world)
    answer = await world.click(proposal, verdict=word, user=GUEST)
    stranger = await world.click(proposal, verdict=word, user="U0NOBODY")

    assert ("not_yours", "unknown_person") == (answer.code, stranger.code)
    assert proposal.state == (await world.proposal(proposal.id)).state
    assert [] == await world.events(proposal.task_id, "task.attested")


async def test_what_took_effect_can_be_undone(world: World) -> None:
    """The undo names the former state, whatever the lost effect left."""
    proposal = await lost(world)
    await world.click(proposal, verdict="took_effect")
    asked = await world.click(await world.proposal(proposal.id), verdict="undo")
    await approve_and_run(world, proposal)
    flag = world.outside.flags.flags[FLAG]

    assert "undo_proposed" == asked.code
    assert (True, 50) == (flag.enabled, flag.rollout_percent)
    assert "undone" == (await world.proposal(proposal.id)).state


async def answered(world: World) -> Proposal:
    """Bring an action whose system answered to where nobody could measure it."""
    proposal = await world.approved()
    await step(world, proposal)
    await world.database_change(
        "UPDATE proposals SET state = 'outcome_unknown' WHERE id = :id", id=proposal.id
    )
    return await world.proposal(proposal.id)


async def test_a_word_that_nobody_can_hold_against_the_target_is_taken(
    world: World,
) -> None:
    """It may stay unreadable for good; what is readable as asked speaks against it."""
    proposal = await answered(world)
    against = await world.click(proposal, verdict="no_effect")
    world.outside.flags.unreadable = True
    unseen = await world.click(proposal, verdict="no_effect")

    assert ("contradicted", "attested") == (against.code, unseen.code)


async def test_what_was_answered_and_changed_since_speaks_against_it(
    world: World,
) -> None:
    """Another's edit at the same rollout does not undo what its system answered."""
    world.outside.flags.set_form("ours")
    proposal = await answered(world)
    world.outside.flags.set_form("retitled")
    answer = await world.click(proposal, verdict="no_effect")

    assert "contradicted" == answer.code


async def test_another_s_change_is_no_proof_that_it_took_effect(world: World) -> None:
    """At the same rollout, by other strategies: the true word can be said."""
    world.outside.flags.set_form("ours")
    proposal = await lost(world)
    world.outside.flags.put(enabled=False, rollout_percent=0)
    world.outside.flags.set_form("theirs")
    answer = await world.click(proposal, verdict="no_effect")

    assert "attested" == answer.code


@pytest.mark.parametrize("form", ["theirs", "changed"])
async def test_an_undo_of_a_lost_change_says_what_somebody_edited(
    world: World, form: str
) -> None:
    """On the card, before its approval: it would overwrite their strategies."""
    world.outside.flags.set_form("ours")
    proposal = await lost(world)
    world.outside.flags.put(enabled=False, rollout_percent=0)
    world.outside.flags.set_form(form)
    await world.click(proposal, verdict="undo")
    [undo] = await world.rows(
        "SELECT because FROM proposals WHERE undoes = :id", id=proposal.id
    )

    said = "Somebody changed the target since" in undo["because"]
    assert said is (form == "theirs")


@pytest.mark.parametrize("verdict", ["took_effect", "no_effect", "undo"])
async def test_what_was_given_up_is_closed_by_a_word_or_an_undo(
    world: World, verdict: str
) -> None:
    """Nobody ever stored its outcome: execution and contract log end all the same."""
    proposal = await given_up(world)
    await world.click(proposal, verdict=verdict)
    if verdict == "undo":
        await approve_and_run(world, proposal)
    [execution] = await world.rows(
        "SELECT outcome, error FROM executions WHERE proposal_id = :id", id=proposal.id
    )
    [call] = await world.rows(
        "SELECT state, error FROM tool_calls WHERE idempotency_key = :key",
        key=f"{proposal.id}:apply",
    )

    word = verdict == "took_effect"
    assert "lost" == execution["outcome"]
    assert "given up" in execution["error"]
    assert ("completed" if word else "failed") == call["state"]
    assert (None if word else execution["error"]) == call["error"]


async def given_up(world: World) -> Proposal:
    """Bring an action to where the worker stopped asking for its outcome."""
    proposal = await world.approved()
    world.outside.flags.writes.coming.append(LOST_BEFORE)
    await step(world, proposal)
    world.outside.flags.put(enabled=True, rollout_percent=77)
    await world.database_change(
        "UPDATE proposals SET state = 'outcome_unknown' WHERE id = :id", id=proposal.id
    )
    await world.database_change(
        "UPDATE tasks SET state = 'escalated_to_human' WHERE id = :id",
        id=proposal.task_id,
    )
    # Its lock on the target is over, too.
    world.database.clock.move(seconds=SETTLED_SECONDS + 1)
    return await world.proposal(proposal.id)


async def test_what_nobody_can_tell_can_be_undone_at_once(world: World) -> None:
    """Restoring what was needs no word first; the card then says undone."""
    proposal = await lost(world)
    asked = await world.click(proposal, verdict="undo")
    await approve_and_run(world, proposal)

    assert "undo_proposed" == asked.code
    assert "undone" == (await world.proposal(proposal.id)).state


async def test_a_draft_is_marked_done(world: World) -> None:
    """Its task ends with the name of who carried it out; nothing was sent."""
    proposal = await drafted(world)
    answer = await world.click(proposal, verdict="carried_out")
    task = await world.task(proposal.task_id)

    assert "attested" == answer.code
    assert ("carried_out", "completed") == await states(world, proposal)
    assert "carried it out" in str(task.headline)
    assert 0 == writes(world)


async def test_a_draft_can_be_rejected(world: World) -> None:
    """With a reason, as any proposal."""
    proposal = await drafted(world)
    answer = await world.click(proposal, verdict="reject", comment="not now")

    assert "rejected" == answer.code
    assert ("rejected", "completed") == await states(world, proposal)


@pytest.mark.parametrize("word", ["took_effect", "no_effect", "carried_out"])
async def test_the_word_fits_the_state(world: World, word: str) -> None:
    """What waits for approval is nobody's to settle."""
    proposal = await world.shown()
    answer = await world.click(proposal, verdict=word)

    assert "already_decided" == answer.code
    assert "needs_approval" == (await world.proposal(proposal.id)).state


async def test_the_word_is_about_what_was_shown(world: World) -> None:
    """Another digest is another card."""
    proposal = await lost(world)
    answer = await world.click(proposal, verdict="took_effect", digest="0" * 64)

    assert "stale_digest" == answer.code
    assert "outcome_unknown" == (await world.proposal(proposal.id)).state


async def test_a_target_that_does_not_read_is_said(world: World) -> None:
    """The word counts all the same: a person looked."""
    proposal = await lost(world)
    world.outside.flags.unreadable = True
    answer = await world.click(proposal, verdict="took_effect")
    [entry] = await world.events(proposal.task_id, "task.attested")

    assert "attested" == answer.code
    assert "can't be read" in answer.text
    assert entry["target"] is None


async def test_no_freeze_holds_a_word(world: World) -> None:
    """It changes nothing outside."""
    proposal = await lost(world)
    await world.freeze(frozen=True)

    assert "attested" == (await world.click(proposal, verdict="no_effect")).code


async def test_a_word_that_the_target_contradicts_is_not_taken(world: World) -> None:
    """It reads as was asked for: somebody says so, or undoes it."""
    proposal = await lost(world)
    meant = FlagParams.model_validate(plain(proposal.params))
    world.outside.flags.put(
        enabled=meant.enabled, rollout_percent=meant.rollout_percent
    )
    denied = await world.click(proposal, verdict="no_effect")
    taken = await world.click(proposal, verdict="took_effect")

    assert ("contradicted", "attested") == (denied.code, taken.code)


async def test_a_system_that_hangs_holds_no_word_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its target did not answer: the record says so."""
    proposal = await lost(world)
    monkeypatch.setattr(attesting, "_LOOK_SECONDS", 0.01)

    async def hang(_key: str) -> FlagState:
        await asyncio.sleep(30)
        raise AssertionError

    monkeypatch.setattr(world.outside.flags, "get", hang)
    answer = await world.click(proposal, verdict="took_effect")

    assert "attested" == answer.code
    assert "did not answer" in answer.text


async def test_an_undo_that_somebody_says_took_effect_undoes(world: World) -> None:
    """The action's own card says undone, and offers nothing more."""
    proposal = await world.approved()
    await step(world, proposal)
    world.outside.recover()
    await step(world, proposal)
    await world.click(proposal, verdict="undo")
    undo = await undo_of(world, proposal)
    await world.click(undo)
    world.outside.flags.writes.coming.append(LOST_BEFORE)
    await step(world, undo)
    world.outside.flags.put(enabled=True, rollout_percent=33)
    world.database.clock.move(seconds=SETTLED_SECONDS)
    await step(world, undo)
    await world.click(await world.proposal(undo.id), verdict="took_effect")

    assert "succeeded" == (await world.proposal(undo.id)).state
    assert "undone" == (await world.proposal(proposal.id)).state
    assert 1 == len(await world.events(proposal.task_id, "task.undone"))


async def test_an_undo_that_failed_can_be_asked_again(world: World) -> None:
    """The action's card is posted once more, and offers it."""
    proposal = await lost(world)
    await world.click(proposal, verdict="undo")
    undo = await undo_of(world, proposal)
    await world.click(undo)
    before = await cards(world, proposal)
    world.outside.flags.writes.coming.append(Failure(Refused("403")))
    await step(world, undo)
    again = await world.click(await world.proposal(proposal.id), verdict="undo")

    assert "failed" == (await world.proposal(undo.id)).state
    assert await cards(world, proposal) > before
    assert "undo_proposed" == again.code


async def cards(world: World, proposal: Proposal) -> int:
    rows = await world.rows(
        "SELECT max(version) AS version FROM outbox WHERE slot = :slot",
        slot=f"proposal:{proposal.id}",
    )
    return int(rows[0]["version"])


async def undo_of(world: World, original: Proposal) -> Proposal:
    [row] = await world.rows(
        "SELECT id FROM proposals WHERE undoes = :id", id=original.id
    )
    return await world.proposal(row["id"])


async def approve_and_run(world: World, original: Proposal) -> None:
    """Approve the undo of an action and bring it to its end."""
    undo = await undo_of(world, original)
    await world.click(undo, user=OPERATOR)
    await step(world, undo)
    await step(world, undo)

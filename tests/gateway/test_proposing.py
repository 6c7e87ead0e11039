"""Proposals of a run: grounded, measured, judged, shown; and what is refused."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from gateway.gate import RefusedCall
from gateway.reading import call_tool
from gateway.tokens import RunClaims
from policy.lifecycle import TaskEvent
from tests.gateway.outside import FLAG, ROUTE, SERVICE
from tests.gateway.outside_work import CAMPAIGN
from tests.gateway.world import FLAG_OFF, World
from wire.tools import ToolCall

EMAIL = "ann.canary@example.org"
THROTTLE = {
    "tool": "throttle_endpoint",
    "params": {"service": SERVICE, "route": ROUTE, "limit_rps": 450},
}


async def refused(world: World, claims: RunClaims, **changes: object) -> str:
    with pytest.raises(RefusedCall) as caught:
        await world.propose(claims, **changes)
    return f"{caught.value.status} {caught.value.code} {caught.value.rule}"


async def test_prod_asks_a_person(world: World) -> None:
    """At L1 a grounded reversible write waits for one of its approvers."""
    claims = await world.start()
    seen = await world.look(claims)
    answer = await world.propose(claims, evidence_ids=(seen.evidence_id,))
    stored = await world.proposal(answer.proposal_id)

    assert ("needs_approval", "require_approval", "prod-asks") == (
        answer.state,
        answer.verdict,
        answer.rule,
    )
    assert (1, ("reliability-oncall",), 1800) == (
        stored.quorum,
        stored.roles,
        stored.expires_in_seconds,
    )
    assert ((), False) == (stored.uncited, stored.tainted)


@pytest.mark.parametrize("environment", ["dev"])
async def test_a_flag_in_dev_runs_without_a_click(world: World) -> None:
    """At L2 a cited reversible write is approved at birth."""
    claims = await world.start()
    seen = await world.look(claims)
    answer = await world.propose(claims, evidence_ids=(seen.evidence_id,))

    assert ("approved", "allow", "dev-flags-run") == (
        answer.state,
        answer.verdict,
        answer.rule,
    )


@pytest.mark.parametrize("environment", ["dev"])
async def test_what_runs_by_itself_has_a_day(world: World) -> None:
    """An action allowed without a click does not expire as its card is delivered."""
    claims = await world.start()
    seen = await world.look(claims)
    answer = await world.propose(claims, evidence_ids=(seen.evidence_id,))
    stored = await world.proposal(answer.proposal_id)

    assert 86_400 == stored.expires_in_seconds


@pytest.mark.parametrize("environment", ["dev"])
async def test_a_target_of_an_alerts_label_is_cited_and_tainted(world: World) -> None:
    """Whoever sends the alert writes it: a person looks before anything runs."""
    claims = await world.start()
    await world.database_change(
        'UPDATE alerts SET labels = \'{"flag": "new_ranker"}\''
        " WHERE tenant_id = :tenant",
        tenant=world.scope.tenant_id,
    )
    answer = await world.propose(claims)
    stored = await world.proposal(answer.proposal_id)

    assert ((), True) == (stored.uncited, stored.tainted)
    assert "needs_approval" == stored.state


@pytest.mark.parametrize("environment", ["dev"])
async def test_an_uncited_target_asks_even_in_dev(world: World) -> None:
    """Without a citation L2 becomes a question, and the card names the param."""
    answer = await world.propose(await world.start())
    stored = await world.proposal(answer.proposal_id)

    assert "needs_approval" == answer.state
    assert ("flag_key",) == stored.uncited


@pytest.mark.parametrize("environment", ["dev"])
async def test_a_tainted_target_asks_even_in_dev(world: World) -> None:
    """A target that only attacker-writable text names never runs by itself."""
    flags = world.outside.flags.flags
    flags["dark_mode"] = replace(flags[FLAG], key="dark_mode")
    world.outside.traces.message = "dark_mode"
    claims = await world.start()
    params = ToolCall(step="t", params={"service": SERVICE})
    seen = await call_tool(world.gate, claims, "trace_lookup", params)
    answer = await world.propose(
        claims,
        params={**FLAG_OFF, "flag_key": "dark_mode"},
        evidence_ids=(seen.evidence_id,),
    )
    stored = await world.proposal(answer.proposal_id)

    assert "needs_approval" == answer.state
    assert ((), True) == (stored.uncited, stored.tainted)


async def test_the_digest_is_in_the_ledger(world: World) -> None:
    """``task.proposed_action`` names proposal, digest, rule and evidence."""
    proposal = await world.shown()
    [entry] = await world.events(proposal.task_id, "task.proposed_action")

    assert proposal.digest == entry["digest"]
    assert str(proposal.id) == entry["proposal"]
    assert list(proposal.evidence_ids) == entry["evidence"]


async def test_reach_and_undo_are_measured(world: World) -> None:
    """The estimate counts today's users, undo restores the flag as it was seen."""
    proposal = await world.shown()

    assert (2000, "active users") == (
        proposal.estimate["amount"],
        proposal.estimate["unit"],
    )
    restored = {**FLAG_OFF, "enabled": True, "rollout_percent": 50, "former": ""}
    restored |= {"named_percent": 0, "only_named": False}
    assert restored == (proposal.undo["params"])


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"tool": "drop_database"}, "404 unknown_tool tool-list"),
        ({"tool": "trace_lookup"}, "404 unknown_tool tool-list"),
        ({"params": {}}, "422 invalid_params params-schema"),
        (
            {"params": {**FLAG_OFF, "rollout_percent": 101}},
            "422 invalid_params params-schema",
        ),
        ({"reason_code": "because"}, "422 unknown_reason_code reason-codes"),
        ({"reason_code": ""}, "422 unknown_reason_code reason-codes"),
        (
            {"params": {**FLAG_OFF, "flag_key": "no_such_flag"}},
            "424 unreadable connector",
        ),
    ],
)
async def test_a_proposal_out_of_line_is_refused_and_logged(
    world: World, changes: dict[str, object], expected: str
) -> None:
    """A typed refusal, a row in the contract log and a ledger entry; no proposal."""
    claims = await world.start()
    said = await refused(world, claims, **changes)
    rows = await world.rows("SELECT state, phase, rule FROM tool_calls")

    assert expected == said
    rule = expected.rsplit(" ", 1)[1]
    assert [{"state": "refused", "phase": "propose", "rule": rule}] == rows
    assert 1 == len(await world.events(claims.task_id, "task.call_refused"))
    assert [] == await world.rows("SELECT id FROM proposals")


async def test_a_run_that_lost_its_task_proposes_nothing(world: World) -> None:
    """After a takeover by another fence the refusal is logged, and nothing is kept."""
    claims = await world.start()
    await world.move(claims.task_id, TaskEvent.run_crashed)

    assert "410 lease_lost fence" == await refused(world, claims)
    assert 1 == len(await world.events(claims.task_id, "task.call_refused"))
    assert [] == await world.rows("SELECT id FROM proposals")


async def test_another_environment_proposes_nothing(world: World) -> None:
    """A gateway of dev takes no proposal of prod, and says so in the task's log."""
    claims = await world.start()
    world.gate = replace(world.gate, environment="dev")

    assert "403 other_environment environment" == await refused(world, claims)
    assert 1 == len(await world.events(claims.task_id, "task.call_refused"))


async def test_a_key_used_again_is_answered_as_before(world: World) -> None:
    """A retried run proposes once: same key and action, same proposal."""
    claims = await world.start()
    first = await world.propose(claims, key="flag_off")
    again = await world.propose(claims, key="flag_off")

    assert first.proposal_id == again.proposal_id
    assert again.replayed
    assert 1 == len(await world.rows("SELECT id FROM proposals"))


async def test_a_key_used_for_another_action_is_refused(world: World) -> None:
    """Reads are replayed from the journal, so a resumed run asks for the very same."""
    claims = await world.start()
    await world.propose(claims, key="flag_off")
    with pytest.raises(RefusedCall, match="stands for another action") as caught:
        await world.propose(claims, key="flag_off", **THROTTLE)

    assert "idempotency-key" == caught.value.rule
    assert 1 == len(await world.rows("SELECT id FROM proposals"))


@pytest.mark.parametrize(
    "params",
    [
        FLAG_OFF,
        {**FLAG_OFF, "rollout_percent": "0"},
        {**FLAG_OFF, "enabled": "off"},
        {**FLAG_OFF, "rollout_percent": 0.0},
    ],
)
async def test_what_was_rejected_is_refused_again(
    world: World, params: dict[str, object]
) -> None:
    """A rejected action comes back in no spelling of its params."""
    claims = await world.start()
    proposal = await world.shown(claims)
    await world.click(proposal, verdict="reject", new_plan=True)
    task = await world.move(proposal.task_id, TaskEvent.claimed)
    again = replace(claims, fence=task.fence)

    assert "409 rejected_before rejected-digest" == await refused(
        world, again, params=params
    )


async def test_another_way_is_taken_after_a_rejection(world: World) -> None:
    """The refusal is of that action alone."""
    claims = await world.start()
    proposal = await world.shown(claims)
    await world.click(proposal, verdict="reject", new_plan=True)
    task = await world.move(proposal.task_id, TaskEvent.claimed)
    answer = await world.propose(replace(claims, fence=task.fence), **THROTTLE)

    assert "needs_approval" == answer.state


async def test_policy_denies_what_is_below_its_bounds(world: World) -> None:
    """A throttle under 50 a second in prod is stored as denied, with the reason."""
    params = {"service": SERVICE, "route": ROUTE, "limit_rps": 49}
    answer = await world.propose(
        await world.start(), tool="throttle_endpoint", params=params
    )
    stored = await world.proposal(answer.proposal_id)

    assert ("denied", "deny") == (answer.state, answer.verdict)
    assert "50 requests" in str(stored.closed_reason)


async def test_without_a_sandbox_writes_stay_drafts(world: World) -> None:
    """A run that no sandbox held proposes drafts outside the lab."""
    claims = replace(await world.start(), sandbox="none")

    assert "drafted" == (await world.propose(claims)).state


async def test_a_frozen_environment_asks(world: World) -> None:
    """Under a freeze a proposal is shown all the same, for afterwards."""
    await world.freeze(frozen=True)

    assert "needs_approval" == (await world.propose(await world.start())).state


async def test_what_the_agent_wrote_is_redacted(world: World) -> None:
    """Addresses in summary and reason reach neither row, ledger nor card."""
    proposal = await world.shown(summary=f"{EMAIL} did it", because=f"ask {EMAIL}")
    tables = ("proposals", "ledger", "outbox")
    stored = [str(await world.rows(f"SELECT * FROM {one}")) for one in tables]  # noqa: S608

    assert "⟨email:1⟩" in proposal.summary
    assert [False] * 3 == [EMAIL in text for text in stored]


async def test_facts_and_verdict_are_kept_together(world: World) -> None:
    """A stored decision, replayed from its facts, is the same decision."""
    proposal = await world.shown()
    [row] = await world.rows(
        "SELECT facts, verdict, matrix_rule, cedar_ids FROM decisions WHERE id = :id",
        id=proposal.decision_id,
    )
    again = world.gate.policy.replay(row["facts"])

    assert (row["verdict"], row["matrix_rule"], row["cedar_ids"]) == (
        again.verdict,
        again.matrix_rule,
        list(again.cedar_ids),
    )


def switch_off(world: World) -> None:
    flags = world.outside.flags.flags
    flags[FLAG] = replace(
        flags[FLAG], enabled=False, rollout_percent=0, version=flags[FLAG].version + 1
    )


async def test_what_would_change_nothing_is_refused(world: World) -> None:
    """The answer says what stands there now; no card is shown, and it is logged."""
    switch_off(world)
    claims = await world.start()
    with pytest.raises(RefusedCall, match=f"nothing to do: flag {FLAG} is off") as said:
        await world.propose(claims)

    assert (409, "already_so", "already-so") == (
        said.value.status,
        said.value.code,
        said.value.rule,
    )
    assert [] == await world.rows("SELECT id FROM proposals")
    assert "already-so" in str(await world.rows("SELECT * FROM ledger"))


async def test_a_repeat_is_answered_though_it_is_so_by_now(world: World) -> None:
    """Under its key the action was proposed while it was not."""
    claims = await world.start()
    first = await world.propose(claims, key="flag_off")
    switch_off(world)
    again = await world.propose(claims, key="flag_off")

    assert (first.proposal_id, True) == (again.proposal_id, again.replayed)


async def test_another_state_than_what_stands_is_proposed(world: World) -> None:
    """Back on is something to do."""
    switch_off(world)
    back = {**FLAG_OFF, "enabled": True, "rollout_percent": 50}
    answer = await world.propose(await world.start(), params=back)

    assert "needs_approval" == answer.state


async def test_a_campaign_is_cited_whole_or_not(world: World) -> None:
    """Its segment is the target; key and template must have been seen too."""
    claims = await world.start()
    claims = replace(claims, tools=(*claims.tools, "schedule_campaign"))
    starts_at = datetime.fromtimestamp(world.outside.now() + 3600, UTC).isoformat()
    made_up = {"campaign_key": CAMPAIGN, "segment": "hosts", "template": "t"}
    answer = await world.propose(
        claims,
        tool="schedule_campaign",
        params={**made_up, "starts_at": starts_at},
        reason_code="re_engagement",
    )
    stored = await world.proposal(answer.proposal_id)

    assert {"campaign_key", "segment", "template"} == set(stored.uncited)


async def test_a_reach_that_no_number_holds_is_a_refusal(world: World) -> None:
    """A gauge of 10^300 people is a broken gauge, and no fault of ours."""
    world.outside.services.become(error_ratio=0.2, active_users=10**300)
    claims = await world.start()
    with pytest.raises(
        RefusedCall, match="active_users: Input should be less"
    ) as caught:
        await world.propose(claims)

    assert ("unreadable", 424) == (caught.value.code, caught.value.status)

"""A card decided in a terminal: what it shows, asks, signs and stores."""

import argparse
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from cli.approving import BadDecision, print_person_key, run_decision, text_of
from gateway.signed import identify
from policy.people import parse_people
from policy.proposal import ProposalState
from policy.scope import Scope
from storage import answers, proposals, tasks
from storage.proposals import Proposal
from storage.steps import Step
from tests.conftest import Databases
from tests.policy.shipped import shipped_texts, shipped_tools
from tests.samples import add_proposal, add_task
from wire.control import DecisionRequest

SLACK = "    slack_user: U0OPERATOR\n"


@pytest.fixture
def key(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """Make a key, and a policy folder whose operator has it."""
    path = tmp_path / "own.pem"
    assert 0 == print_person_key(str(path))
    line = capsys.readouterr().out.strip()
    folder = tmp_path / "rules"
    folder.mkdir()
    for name, text in shipped_texts().items():
        (folder / name).write_text(text.replace(SLACK, f"{SLACK}    {line}\n", 1))
    return path


@pytest.fixture
def configured(monkeypatch: pytest.MonkeyPatch, database: Databases, key: Path) -> None:
    monkeypatch.setenv("DATABASE_URL_WEB", database.urls["web"])
    monkeypatch.setenv("POLICY_FOLDER", str(key.parent / "rules"))
    monkeypatch.setattr("cli.approving._WAIT_SECONDS", 0.5)


async def waiting(database: Databases, scope: Scope, **changes: object) -> Proposal:
    async with database("worker").transaction(scope, Step.set_up) as tx:
        task = await add_task(tx, group_key=str(uuid4()), state="needs_approval")
    return await another(database, scope, task.id, **changes)


async def another(
    database: Databases, scope: Scope, task_id: UUID, **changes: object
) -> Proposal:
    made = {"state": ProposalState.needs_approval, "key": str(uuid4()), **changes}
    async with database("gateway").transaction(scope, Step.propose) as tx:
        task = await tasks.get(tx, task_id, lock=True)
        return await add_proposal(tx, task, **made)


def asked(
    key: Path, card: object, scope: Scope, changes: Mapping[str, object] | None = None
) -> argparse.Namespace:
    return argparse.Namespace(
        **{
            "card": str(card),
            "tenant": scope.tenant_id,
            "environment": scope.environment,
            "person": "operator",
            "key": str(key),
            "digest": None,
            "verdict": "approve",
            **(changes or {}),
        }
    )


async def stored(database: Databases, scope: Scope) -> list[DecisionRequest]:
    async with database("worker").transaction(scope, Step.look) as tx:
        rows = await tx.rows("SELECT * FROM inbox WHERE source = 'terminal'")
    return [
        DecisionRequest.model_validate({**row["payload"], "inbox_id": str(row["id"])})
        for row in rows
    ]


@pytest.mark.usefixtures("configured")
async def test_what_was_read_is_signed_and_stored(
    database: Databases,
    scope: Scope,
    key: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The gateway knows the person by the signature; unanswered, it says kept."""
    proposal = await waiting(database, scope)
    questions: list[str] = []

    def say(question: str) -> str:
        questions.append(question)
        return " approve "

    code = await run_decision(asked(key, proposal.id, scope), ask=say)
    said = capsys.readouterr().out
    [request] = await stored(database, scope)
    people = parse_people(
        (key.parent / "rules" / "people.yaml").read_text(), shipped_tools(), path="p"
    )
    person = identify(people, request, now=database.clock())

    assert 1 == code
    assert "kept: the gateway has not answered yet" in said
    assert (proposal.digest in said, ["type approve to approve it: "]) == (
        True,
        questions,
    )
    assert person is not None
    assert ("operator", proposal.digest) == (person.id, request.digest)


@pytest.mark.usefixtures("configured")
async def test_the_answer_is_printed(
    database: Databases,
    scope: Scope,
    key: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """As the gateway words it, found by the decision's own slot."""
    proposal = await waiting(database, scope)

    async def answered(_wait: float) -> None:
        async with database("gateway").transaction(scope, Step.decide) as tx:
            [row] = await tx.rows("SELECT id FROM inbox WHERE source = 'terminal'")
            await proposals.get(tx, proposal.id, lock=True)
            await answers.post_answer(
                tx,
                proposal.task_id,
                inbox_id=row["id"],
                user="U0OPERATOR",
                text="Approved. It runs now.",
            )

    monkeypatch.setattr("cli.approving.asyncio.sleep", answered)
    digest = proposal.digest
    code = await run_decision(asked(key, proposal.id, scope, {"digest": digest}))

    assert 0 == code
    assert "Approved. It runs now." in capsys.readouterr().out


@pytest.mark.usefixtures("configured")
@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"card": "ffffffff"}, "no card waits under ffffffff"),
        ({"card": str(UUID(int=7))}, "no card waits under"),
        ({"person": "second"}, "second has no key in people.yaml"),
        ({"person": "nobody"}, "nobody has no key in people.yaml"),
        ({"digest": "0" * 64}, "not the card that was read"),
        ({"verdict": "reject", "reason": "meh"}, "meh is no reason: use wrong_target"),
    ],
)
async def test_what_can_t_be_decided_is_said(
    database: Databases,
    scope: Scope,
    key: Path,
    changes: dict[str, object],
    said: str,
) -> None:
    """Before anything is stored."""
    proposal = await waiting(database, scope)
    with pytest.raises(BadDecision, match=said):
        await run_decision(asked(key, proposal.id, scope, changes))

    assert [] == await stored(database, scope)


@pytest.mark.usefixtures("configured")
async def test_a_task_s_id_will_do_unless_several_cards_wait(
    database: Databases, scope: Scope, key: Path
) -> None:
    """Then they are listed; another word than asked for decides nothing."""
    proposal = await waiting(database, scope)
    short = str(proposal.task_id)[-8:]
    no = await run_decision(asked(key, short, scope), ask=lambda _: "yes")
    second = await another(database, scope, proposal.task_id)
    with pytest.raises(BadDecision, match="several cards wait") as caught:
        await run_decision(asked(key, short, scope))

    assert 1 == no
    assert str(second.id) in str(caught.value)
    assert [] == await stored(database, scope)


def test_blocks_are_read_as_lines() -> None:
    """Slack's marks go; instants show their fallback, and signs stand as they are."""
    blocks: list[dict[str, object]] = [
        {
            "type": "section",
            "text": {
                "type": "mrkdwn",
                "text": "*a &lt;b&gt;*\nuntil <!date^1^{time}|14:02>",
            },
        },
        {"type": "context", "elements": [{"type": "mrkdwn", "text": "rule `r`"}]},
        {"type": "divider"},
    ]

    assert ["a <b>", "until 14:02", "rule r"] == text_of(blocks)


@pytest.mark.usefixtures("configured")
async def test_what_is_approved_is_printed_whole(
    database: Databases, scope: Scope, key: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A message has no room for it; no sign of it does anything in the terminal."""
    long = {"body": f"{'&' * 6000}\nand \x1b[2J we refund you", "ticket": "t" * 400}
    schema = {"properties": {"body": {"title": "Comment", "x-prose": True}}}
    proposal = await waiting(
        database,
        scope,
        params=long,
        params_schema=schema,
        because=f"{'slow ' * 300}since noon",
    )
    await run_decision(asked(key, proposal.id, scope), ask=lambda _: "no")
    said = capsys.readouterr().out

    assert "and [2J we refund you" in said
    assert "signs more" not in said
    assert f"ticket: {'t' * 400}" in said
    assert "slow since noon" in said
    assert "\x1b" not in said

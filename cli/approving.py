"""
``autopilot approve | reject``: a card decided in a terminal, under one's own key.

For when Slack is away. It shows what the card shows, asks, signs, and stores the
decision as a click is stored; the gateway checks the signature and answers.
"""

import argparse
import asyncio
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from uuid import UUID

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.blocks.card import MOST_PROSE_IN_VIEW, card_text
from bot.blocks.modals import REJECT_REASONS
from bot.blocks.text import Block, mapping_of, texts_of, visible
from bot.blocks.what import title_of
from cli.clock import utc_now
from cli.policy_files import load_people
from gateway.settings import FileSettings
from gateway.signed import new_person_key, sign
from gateway.tools.catalog import all_tools
from policy.person import Person
from policy.proposal import ProposalState
from policy.scope import Scope
from storage import inbox, outbox, posts, proposals, tasks
from storage.database import Database, Tx, connect
from storage.errors import NotFound
from storage.inbox import Delivery
from storage.proposals import Proposal
from storage.steps import Step
from wire.control import Decision

_WAIT_SECONDS = 30.0
_POLL_SECONDS = 0.2
# No line of a card cuts what is shorter; a terminal has room for what no tool takes.
_SHOWN_WHOLE, _MOST_SIGNS = 190, 1_000_000
_MARKED = re.compile(r"<!date\^\d+\^[^|>]*\|([^>]*)>")
_SIGNS = re.compile("[*`]")


class BadDecision(Exception):
    """What was asked for can't be decided here; the message says what to do."""


class _Settings(BaseSettings):
    model_config = SettingsConfigDict(extra="ignore")

    database_url: str = Field(alias="DATABASE_URL_WEB")


async def run_decision(
    chosen: argparse.Namespace, *, ask: Callable[[str], str] = input
) -> int:
    """
    Decide on one card; 0 if the gateway took the decision.

    Raises:
        BadDecision: no such card, person or key, or it waits for nobody.
    """
    reason = getattr(chosen, "reason", None)
    if reason is not None and reason not in REJECT_REASONS:
        raise BadDecision(f"{reason} is no reason: use {', '.join(REJECT_REASONS)}")
    people = load_people(FileSettings().policy_folder, all_tools().specs)
    person = people.find(chosen.person)
    if person is None or not person.key:
        raise BadDecision(
            f"{chosen.person} has no key in people.yaml: make one with "
            "`autopilot keys person`, and have its line added there"
        )
    private_pem = _read(chosen.key)
    database = connect(_Settings().database_url, utc_now, pool_size=1)
    try:
        scope = Scope(chosen.tenant, chosen.environment)
        proposal, card = await _find(database, scope, chosen.card)
        print("\n".join(lines_of(card)))
        if not _is_meant(chosen, proposal, ask):
            print("nothing was decided")
            return 1
        request = _request(chosen, person, proposal)
        signed = sign(private_pem, request)
        answer = await _settle(database, scope, proposal, signed)
    finally:
        await database.close()
    print(answer or "kept: the gateway has not answered yet, and decides when it is up")
    return 0 if answer is not None else 1


def print_person_key(file: str) -> int:
    """Write a fresh private key, for its owner's eyes alone; print the public line."""
    private_pem, public = new_person_key()
    path = Path(file)
    path.touch(mode=0o600, exist_ok=False)
    path.write_text(private_pem, encoding="utf-8")
    print(f"key: {public}")
    print(
        f"add that line to yourself in people.yaml; {file} is yours alone",
        file=sys.stderr,
    )
    return 0


def lines_of(card: Mapping[str, object]) -> list[str]:
    """Give a card whole: what a message has no room for is approved as well."""
    lines = text_of(card_text(card, most_prose=MOST_PROSE_IN_VIEW))
    texts = mapping_of(card.get("prose")).values()
    asked = mapping_of(card.get("params"))
    told = {name: one for name, one in asked.items() if one not in texts}
    estimate, undo = mapping_of(card.get("estimate")), mapping_of(card.get("undo"))
    said = {
        "title": title_of(card),
        **{one: estimate.get(one) for one in ("before", "after", "text", "cost")},
        "undo": undo.get("text"),
        "because": card.get("because") or card.get("summary"),
        "uncited": ", ".join(texts_of(card.get("uncited"))),
    }
    long = {name: one for name, one in said.items() if len(str(one)) > _SHOWN_WHOLE}
    return [*lines, "what would run, whole:", *_quoted(told), *_quoted(long)]


def _quoted(values: Mapping[str, object]) -> list[str]:
    """Give values sign for sign, apart from our words; nothing of them is a command."""
    lines = []
    for name, value in values.items():
        whole = visible(value, most=_MOST_SIGNS).replace("\t", " ").split("\n")
        lines += [f"  {name}: {whole[0]}", *(f"  | {line}" for line in whole[1:])]
    return lines


def text_of(blocks: list[Block]) -> list[str]:
    """Give the lines of blocks as a terminal shows them."""
    lines: list[str] = []
    for block in blocks:
        elements = block.get("elements")
        for part in [
            block.get("text"),
            *(elements if isinstance(elements, list) else []),
        ]:
            if isinstance(part, dict):
                said = _MARKED.sub(r"\1", str(part.get("text", "")))
                lines += _SIGNS.sub("", said).splitlines()
    return [_unescaped(line) for line in lines]


def _unescaped(line: str) -> str:
    return line.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


async def _find(
    database: Database, scope: Scope, sign_of_it: str
) -> tuple[Proposal, Mapping[str, object]]:
    """Find the card by its own id, or the one that waits in a task by the task's."""
    async with database.transaction(scope, Step.read_view) as tx:
        found = await _waiting(tx, sign_of_it)
        listed = [
            f"{one.id}  {title_of(await posts.card_of(tx, one))}" for one in found
        ]
        if not found:
            raise BadDecision(
                f"no card waits under {sign_of_it}: name a proposal's id, or a task's"
            )
        if len(found) > 1:
            raise BadDecision("\n  ".join(["several cards wait; name one:", *listed]))
        return found[0], await posts.card_of(tx, found[0])


async def _waiting(tx: Tx, sign_of_it: str) -> list[Proposal]:
    try:
        found = [await proposals.get(tx, UUID(sign_of_it))]
    except (ValueError, NotFound):
        found = [
            one
            for task in await tasks.search(tx, sign_of_it)
            for one in await proposals.list_of_task(tx, task.id)
        ]
    return [one for one in found if one.state is ProposalState.needs_approval]


def _read(file: str) -> str:
    return Path(file).read_text(encoding="utf-8")


def _is_meant(
    chosen: argparse.Namespace, proposal: Proposal, ask: Callable[[str], str]
) -> bool:
    """Have the person say it after reading; a script names the digest it has read."""
    if chosen.digest is not None:
        if chosen.digest != proposal.digest:
            raise BadDecision(
                f"its digest is {proposal.digest}: it is not the card that was read"
            )
        return True
    print(f"digest   {proposal.digest}")
    word = str(chosen.verdict)
    return ask(f"type {word} to {word} it: ").strip() == word


def _request(
    chosen: argparse.Namespace, person: Person, proposal: Proposal
) -> Decision:
    return Decision(
        proposal_id=proposal.id,
        digest=proposal.digest,
        person=person.id,
        slack_user=person.slack_user,
        verdict=chosen.verdict,
        reason_code=getattr(chosen, "reason", "") or "",
        signed_at=utc_now().timestamp(),
    )


async def _settle(
    database: Database, scope: Scope, proposal: Proposal, signed: Decision
) -> str | None:
    """Store the decision once, and wait for its answer; None if there is none yet."""
    payload = signed.model_dump(mode="json", exclude={"params"})
    delivery = Delivery("terminal", signed.signature, "decision", payload)
    async with database.transaction(scope, Step.store_click) as tx:
        inbox_id = await inbox.receive(tx, delivery)
    slot = f"answer:{inbox_id}"
    loop = asyncio.get_running_loop()
    ends_at = loop.time() + _WAIT_SECONDS
    while loop.time() < ends_at:
        async with database.transaction(scope, Step.look) as tx:
            found = await outbox.find_text(tx, proposal.task_id, slot)
        if found is not None:
            return found
        await asyncio.sleep(_POLL_SECONDS)
    return None

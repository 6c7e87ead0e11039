"""The web process over ASGI, signed as Slack signs, and the rows behind it."""

import json
from dataclasses import dataclass
from pathlib import Path
from time import time
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import httpx
from fastapi import FastAPI

from lab.slack.directory import TEAM_DOMAIN, TEAM_ID
from lab.slack.signature import signed_headers
from policy.scope import Scope
from storage import decisions, setup, threads
from storage.database import Row
from storage.decisions import NewVote
from storage.proposals import Proposal
from storage.setup import Endpoint
from storage.steps import Step
from storage.tasks import Task
from storage.threads import Message
from tests.conftest import Databases
from tests.database import RELEASE
from tests.lab.world import SIGNING_SECRET
from tests.samples import add_proposal, add_task

PROJECT = Path(__file__).parents[2]
TEAM = TEAM_ID
# The address of the lab's workspace, as auth.test names it.
BASE = f"https://{TEAM_DOMAIN}.slack.com/"
SLUG, TOKEN = "acme-alerts", "token-of-the-endpoint"
OPERATOR = "U0OPERATOR"


@dataclass
class Bot:
    """One web process and its tenant."""

    app: FastAPI
    database: Databases
    scope: Scope

    async def connect(self, team: str) -> None:
        """Set the tenant's Slack workspace and alert endpoint up."""
        async with self.database(RELEASE).transaction(self.scope, Step.set_up) as tx:
            await setup.add_team(tx, team)
            await setup.add_endpoint(tx, Endpoint("alertmanager", SLUG, TOKEN))

    async def connect_also(self, scope: Scope) -> None:
        """Set the workspace up for another environment, too."""
        async with self.database(RELEASE).transaction(scope, Step.set_up) as tx:
            await setup.add_team(tx, TEAM)

    def http(self) -> httpx.AsyncClient:
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        return httpx.AsyncClient(transport=transport, base_url="http://bot")

    async def alert(
        self, body: object, *, slug: str = SLUG, token: str = TOKEN
    ) -> httpx.Response:
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        async with self.http() as client:
            return await client.post(
                f"/webhooks/alertmanager/{slug}",
                content=content,
                headers={"Authorization": f"Bearer {token}"},
            )

    async def slack(self, form: dict[str, str]) -> httpx.Response:
        """Send a form as Slack would, signed now."""
        body = urlencode(form).encode()
        headers = signed_headers(SIGNING_SECRET, body, now=time())
        async with self.http() as client:
            return await client.post("/slack/events", content=body, headers=headers)

    async def command(self, text: str, **changes: str) -> str:
        """Send ``/ops <text>``; give what the person is told, in words."""
        return str((await self.ops(text, **changes))["text"])

    async def ops(self, text: str, **changes: str) -> dict[str, Any]:
        """Send ``/ops <text>``; give the answer, its blocks among it."""
        form = {
            "command": "/ops",
            "text": text,
            "team_id": TEAM,
            "user_id": OPERATOR,
            "channel_id": "C0RELIABILITY",
            "trigger_id": "t1",
            "response_url": "http://127.0.0.1:9/r",
            **changes,
        }
        answer = await self.slack(form)
        assert answer.status_code == 200, answer.text
        said = answer.json()
        assert said["response_type"] == "ephemeral"
        return dict(said)

    async def interact(self, payload: dict[str, object]) -> httpx.Response:
        return await self.slack({"payload": json.dumps(payload)})

    async def event(self, event: dict[str, Any], *, team: str = TEAM) -> httpx.Response:
        """Send an event as Slack's Events API does, signed now."""
        body = json.dumps(
            {
                "type": "event_callback",
                "team_id": team,
                "event_id": "Ev1",
                "event": event,
                "authorizations": [{"user_id": "U0BOT", "is_bot": True}],
            }
        ).encode()
        headers = signed_headers(
            SIGNING_SECRET, body, now=time(), content_type="application/json"
        )
        async with self.http() as client:
            return await client.post("/slack/events", content=body, headers=headers)

    async def task(self, **changes: object) -> Task:
        async with self.database("worker").transaction(self.scope, Step.set_up) as tx:
            return await add_task(tx, **changes)

    async def proposal(self, **changes: object) -> Proposal:
        task = await self.task()
        async with self.database("gateway").transaction(self.scope, Step.set_up) as tx:
            return await add_proposal(tx, task, **changes)

    async def vote(self, proposal: Proposal, person: str) -> None:
        """Store an approval, as the gateway does."""
        vote = NewVote(
            proposal.id, proposal.digest, person, "approve", "", "", proposal.id
        )
        async with self.database("gateway").transaction(self.scope, Step.set_up) as tx:
            await decisions.add_vote(tx, vote)

    async def sent(self, task_id: UUID, slot: str, ts: str) -> None:
        """Let a message stand in Slack, as the courier notes it."""
        async with self.database("courier").transaction(self.scope, Step.look) as tx:
            message = Message(slot, "C0OPS", ts, 1, tx.now)
            await threads.keep_message(tx, task_id, message)

    async def rows(self, query: str, **values: object) -> list[Row]:
        async with self.database("worker").transaction(self.scope, Step.look) as tx:
            return await tx.rows(query, values)


def click(
    value: str, action_id: str = "proposal:approve", **changes: object
) -> dict[str, object]:
    """Write a button's click as Slack sends it."""
    return {
        "type": "block_actions",
        "team": {"id": TEAM},
        "user": {"id": OPERATOR},
        "channel": {"id": "C0RELIABILITY"},
        "container": {"type": "message", "message_ts": "1.2"},
        "trigger_id": "t1",
        "actions": [
            {
                "type": "button",
                "action_id": action_id,
                "block_id": "decide",
                "value": value,
                "action_ts": "3.4",
            }
        ],
        **changes,
    }


def submission(
    callback_id: str, value: str, values: dict[str, object], **changes: object
) -> dict[str, object]:
    """Write a modal's submission as Slack sends it."""
    return {
        "type": "view_submission",
        "team": {"id": TEAM},
        "user": {"id": OPERATOR},
        "view": {
            "id": "V1",
            "hash": "h1",
            "type": "modal",
            "callback_id": callback_id,
            "private_metadata": value,
            "state": {"values": values},
        },
        **changes,
    }


def value_of(proposal: Proposal | UUID, digest: str = "d" * 64) -> str:
    row = proposal if isinstance(proposal, UUID) else proposal.id
    return f"{row}.{digest}"

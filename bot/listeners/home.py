"""The app's Home: made anew whenever it is opened, filtered, paged or decided in."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_sdk.errors import SlackApiError

from bot.blocks.answer import answer_line
from bot.blocks.decide import decide_all_view, decide_view
from bot.blocks.fold import EACH
from bot.blocks.home import (
    ALL,
    ANSWERS,
    CARDS,
    CARDS_NEWER,
    CARDS_OLDER,
    DECIDE,
    FILTER,
    MINE,
    NEWER,
    OLDER,
    PAGE,
    WAITING,
    Open,
    Shown,
    render_home,
    render_stranger,
)
from bot.blocks.text import mapping_of
from bot.folding import fold
from bot.identity import NotHere, check_may, find_scopes, find_shown
from bot.links import Links, addresses
from bot.listeners.answering import TELL_SECONDS, answered
from bot.listeners.payload import Click, read_click
from bot.outbound.client import OutboundClient
from bot.overview import Page, gather
from bot.slack_channel import SLACK_AWAY
from policy.people import People
from policy.person import Person
from policy.scope import Scope
from policy.task import TaskKind
from storage import inbox, outbox, posts, proposals
from storage.database import Database
from storage.errors import StorageError
from storage.open_tasks import Wanted, list_open, order
from storage.outbox import Post
from storage.posts import ROOT
from storage.steps import Step

# So long an answer stands on top of a Home, from when it was first shown.
_ANSWERED = timedelta(minutes=10)
# What is answered while a Home is made would be missing in it: it is made again.
_MOST_MADE = 3
# Slack takes a modal's answer for three seconds; a click is settled in less than one.
_LOOKS, _LOOK_SECONDS = 6, 0.1


@dataclass(frozen=True, slots=True)
class Home:
    """The listeners, over their process's database."""

    database: Database
    people: People
    links: Links

    def register(self, app: AsyncApp) -> None:
        app.event("app_home_opened")(self.opened)
        app.action(FILTER)(self.filtered)
        for turn in (NEWER, OLDER):
            app.action(turn)(self.turned)
        for turn in (CARDS_NEWER, CARDS_OLDER):
            app.action(turn)(self.turned_cards)
        for action in (DECIDE, EACH):
            app.action(action)(self.decide)

    async def opened(self, body: dict[str, object], client: OutboundClient) -> None:
        event = mapping_of(body.get("event"))
        if event.get("tab") == "home":
            seen = mapping_of(event.get("view")).get("private_metadata")
            shown = Shown.read(str(seen or ""))
            user, team = str(event.get("user", "")), str(body.get("team_id", ""))
            await self._publish(client, user, team, shown)

    async def filtered(
        self, ack: AsyncAck, body: dict[str, object], client: OutboundClient
    ) -> None:
        click = read_click(body)
        await self._turn(click, client, Shown(filter=click.chosen or ALL))
        await ack()

    async def turned(
        self, ack: AsyncAck, body: dict[str, object], client: OutboundClient
    ) -> None:
        click = read_click(body)
        await self._turn(click, client, replace(_seen(body), after=_place(click)))
        await ack()

    async def turned_cards(
        self, ack: AsyncAck, body: dict[str, object], client: OutboundClient
    ) -> None:
        click = read_click(body)
        await self._turn(click, client, replace(_seen(body), cards=_place(click)))
        await ack()

    async def _turn(self, click: Click, client: OutboundClient, shown: Shown) -> None:
        """Show what was asked for, or say why it still stands as it did."""

        async def show() -> None:
            await self.publish(client, click.user, click.team_id, shown)

        await answered(click, client, show)

    async def decide(
        self, ack: AsyncAck, body: dict[str, object], client: OutboundClient
    ) -> None:
        """Open the card as a modal: a Home has no thread to decide in."""
        click = read_click(body)

        async def show() -> None:
            check_may(self.people, click.user, "act")
            cards = [
                await self._card(click.team_id, value) for value in click.value.split()
            ]
            view = _decide(cards, _behind(click, body))
            await client.views_open(trigger_id=click.trigger_id, view=dict(view))

        await answered(click, client, show)
        await ack()

    async def renew(
        self, client: OutboundClient, user: str, team: str, shown: Shown
    ) -> None:
        """
        Make a Home anew in which something was decided.

        Waits a moment for it to be settled; what is not by then is shown as being so.
        A Slack that is slow is not waited for: its answer is shown once it is there.
        """
        for _ in range(_LOOKS):
            try:
                if not await self._is_deciding(user, team):
                    break
            except (NotHere, StorageError) as exc:
                structlog.get_logger().warning("home.not_looked", error=str(exc))
                return
            await asyncio.sleep(_LOOK_SECONDS)
        try:
            async with asyncio.timeout(TELL_SECONDS):
                await self._publish(client, user, team, shown)
        except TimeoutError:
            structlog.get_logger().warning("home.renewed_late")

    async def _is_deciding(self, user: str, team: str) -> bool:
        for scope in await find_scopes(self.database, team):
            async with self.database.transaction(scope, Step.read_view) as tx:
                if await inbox.list_deciding(tx, user):
                    return True
        return False

    async def _card(self, team: str, value: str) -> tuple[str, Mapping[str, object]]:
        shown = await find_shown(self.database, team, value)
        async with self.database.transaction(shown.scope, Step.read_view) as tx:
            proposal = await proposals.get(tx, shown.proposal_id)
            return value, await posts.card_of(tx, proposal)

    async def _publish(
        self, client: OutboundClient, user: str, team: str, shown: Shown
    ) -> None:
        try:
            await self.publish(client, user, team, shown)
        except (NotHere, StorageError, SlackApiError, *SLACK_AWAY) as exc:
            # The Home that stands stays; it is made anew when it is opened again.
            structlog.get_logger().warning("home.not_published", error=str(exc))

    async def publish(
        self, client: OutboundClient, user: str, team: str, shown: Shown
    ) -> frozenset[UUID]:
        """
        Make somebody's Home anew; give which answers (rows of the outbox) stand on it.

        Others publish the same Home at the same time, and Slack keeps the last: so
        whoever has published looks whether an answer came meanwhile.

        Raises:
            NotHere: their workspace is not connected.
            SlackApiError, aiohttp.ClientError, TimeoutError, OSError: Slack took none.
        """
        person = self.people.find_by_slack(user)
        if not self.people.may(person, "read"):
            await client.views_publish(user_id=user, view=dict(render_stranger()))
            return frozenset()
        scopes = await find_scopes(self.database, team)
        answers = await self._answers(scopes, user)
        for _ in range(_MOST_MADE):
            view = await self._view(scopes, person, shown, answers)
            await client.views_publish(user_id=user, view=dict(view))
            standing, answers = _standing(answers), await self._answers(scopes, user)
            if _standing(answers) <= standing:
                break
        return standing

    async def _view(
        self,
        scopes: list[Scope],
        person: Person | None,
        shown: Shown,
        answers: Sequence[Post],
    ) -> Mapping[str, object]:
        base = await self.links.base()
        page = Page(_wanted(shown, person), shown.cards, CARDS)
        seen = await gather(self.database, scopes, person, base, page=page)
        overview = replace(seen, pending=fold(seen.pending))
        after, found = await self._tasks(scopes, person, shown, base)
        return render_home(
            overview,
            found,
            replace(shown, after=after, cards=seen.before),
            now=self.database.now().timestamp(),
            answers=[answer_line(one.payload) for one in reversed(answers[:ANSWERS])],
            more=len(answers[ANSWERS:]),
        )

    async def _answers(self, scopes: list[Scope], user: str) -> list[Post]:
        """Give what came of the last clicks in this Home, the oldest first."""
        found: list[Post] = []
        since = self.database.now() - _ANSWERED
        for scope in scopes:
            async with self.database.transaction(scope, Step.read_view) as tx:
                found += await outbox.list_home_answers(tx, user, since)
        return sorted(found, key=lambda one: (one.created_at, one.id))

    async def _tasks(
        self, scopes: list[Scope], person: Person | None, shown: Shown, base: str
    ) -> tuple[int, list[Open]]:
        """
        Give a page, and one more if there is another, over all environments.

        Behind the last, since some were closed, it is the last; before it lie so many.
        """
        wanted = _wanted(shown, person)
        found: list[Open] = []
        for scope in scopes:
            async with self.database.transaction(scope, Step.read_view) as tx:
                some = await list_open(tx, wanted, most=shown.after + PAGE + 1)
                where = await addresses(tx, base, [(one.id, ROOT) for one in some])
                found += [Open(one, where.get((one.id, ROOT), "")) for one in some]
        found.sort(key=lambda one: order(one.task))
        last = max(0, len(found) - 1) // PAGE * PAGE
        after = min(shown.after, last)
        return after, found[after : after + PAGE + 1]


def _standing(answers: Sequence[Post]) -> frozenset[UUID]:
    """Give those that fit: the oldest, so that what stands is not pushed off."""
    return frozenset(one.id for one in answers[:ANSWERS])


def _wanted(shown: Shown, person: Person | None) -> Wanted:
    # Nobody owns anything, and nothing waits for them.
    nobodys = person is None and shown.filter in {MINE, WAITING}
    mine = person.id if person and shown.filter == MINE else None
    return Wanted(
        kind=shown.filter if shown.filter in set(TaskKind) else None,
        owner="" if nobodys else mine,
        decider=person if shown.filter == WAITING else None,
    )


def _seen(body: Mapping[str, object]) -> Shown:
    """Read what the Home that was clicked in shows."""
    return Shown.read(str(mapping_of(body.get("view")).get("private_metadata") or ""))


def _place(click: Click) -> int:
    return int(click.value) if click.value.isdecimal() else 0


def _behind(click: Click, body: Mapping[str, object]) -> str:
    """
    Say in a word where the answer belongs: what a Home shows, or another message.

    A Home is made anew after the decision; in a thread the card itself is.
    """
    if click.channel:
        return click.origin.word if click.origin else ""
    return _seen(body).word


def _decide(
    cards: list[tuple[str, Mapping[str, object]]], behind: str
) -> Mapping[str, object]:
    """
    Ask about those that still wait; of one alone, or none, say how it stands.

    ``behind`` says where the answer to the decision belongs.
    """
    waiting = [one for one in cards if one[1]["state"] == "needs_approval"]
    if len(waiting) > 1:
        return decide_all_view([card for _, card in waiting], behind)
    value, card = (waiting or cards)[0]
    return decide_view(card, f"{value} {behind}".strip())

"""Let people, content, campaigns and pipelines live beside the services."""

import random
from collections.abc import Collection
from dataclasses import dataclass, field

from lab.json_object import JsonObject
from lab.platform.breakage import Breakage
from lab.platform.content import (
    FRICTIONS,
    PILED_ON,
    Content,
    Friction,
    render_friction,
    usual_contents,
)
from lab.platform.growth import Campaign, usual_campaigns, usual_experiments
from lab.platform.people import Person, usual_people
from lab.platform.pipeline import (
    STUCK_GROUP,
    ConsumerGroup,
    Pipeline,
    usual_groups,
    usual_pipelines,
)
from lab.platform.support import Appeal, Ticket, usual_appeals, usual_tickets


@dataclass
class Society:
    """Everything but services, by id; frictions by target, made at first look."""

    people: dict[str, Person]
    contents: dict[str, Content]
    appeals: dict[str, Appeal]
    tickets: dict[str, Ticket]
    campaigns: dict[str, Campaign]
    groups: dict[str, ConsumerGroup]
    pipelines: dict[str, Pipeline]
    experiments: list[JsonObject]
    dice: random.Random
    frictions: dict[str, Friction] = field(default_factory=dict)

    @property
    def is_stuck(self) -> bool:
        return self.groups[STUCK_GROUP].stopped

    def friction(self, target: str) -> Friction:
        return self.frictions.setdefault(target, Friction(target))

    def knows(self, target: str) -> bool:
        kind, _, name = target.partition(":")
        if kind == "user":
            return name in self.people
        return name in self.contents and self.contents[name].target == target

    def render_friction(self, target: str, now: float) -> JsonObject:
        """Give a friction with whom it would meet: repliers, or the user alone."""
        kind, _, name = target.partition(":")
        if kind == "user":
            people, actions = 1, round(self.people[name].posts_last_day / 24)
        else:
            content = self.contents[name]
            people, actions = content.repliers, round(content.replies_per_hour)
        found = self.friction(target)
        return render_friction(found, now, people=people, actions=actions)

    def stop_loader(self, now: float) -> None:
        """Let the loader die; to kill it twice is to kill it once."""
        group = self.groups[STUCK_GROUP]
        if not group.stopped:
            group.stopped = True
            self.pipelines[str(group.pipeline)].lose(now)

    def overturn(self, appeal: Appeal) -> None:
        """Take back what the appeal is against."""
        if appeal.action == "ban":
            self.people[appeal.subject_id].unban()
        else:
            self.contents[appeal.subject_id].restore()

    def heal(self, now: float) -> None:
        """Start what stands still, drop what waits, and close the gaps."""
        for group in self.groups.values():
            if group.stopped:
                group.restart(now)
            group.lag = 0.0
        for pipeline in self.pipelines.values():
            pipeline.gaps = []
        for friction in self.frictions.values():
            if friction.at(now) is not None:
                friction.set(None, None)

    def advance(
        self, dt_seconds: float, *, broken: Collection[Breakage], now: float
    ) -> None:
        for person in self.people.values():
            person.advance(dt_seconds, now=now)
        for content in self.contents.values():
            piled_on = content.content_id == PILED_ON and Breakage.DOGPILE in broken
            kind = self.friction(content.target).at(now)
            content.advance(
                dt_seconds,
                self.dice,
                piled_on=piled_on,
                factor=FRICTIONS.get(kind or "", 1.0),
            )
        for campaign in self.campaigns.values():
            campaign.advance(now)
        for group in self.groups.values():
            group.advance(dt_seconds)
            if group.pipeline is not None:
                self.pipelines[group.pipeline].advance(group, dt_seconds, now=now)


def usual_society(*, seed: int, now: float) -> Society:
    dice = random.Random(seed)  # noqa: S311 - repeatable noise, no secret
    society = Society(
        people={one.user_id: one for one in usual_people(dice, now)},
        contents={one.content_id: one for one in usual_contents(now)},
        appeals={one.appeal_id: one for one in usual_appeals(now)},
        tickets={one.ticket_id: one for one in usual_tickets(now)},
        campaigns={one.campaign_key: one for one in usual_campaigns(now)},
        groups={one.name: one for one in usual_groups()},
        pipelines={one.name: one for one in usual_pipelines(now)},
        experiments=usual_experiments(now),
        dice=dice,
    )
    for content in society.contents.values():
        society.people[content.author_id].recent_content.append(content.content_id)
    return society

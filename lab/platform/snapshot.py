"""Turn what must outlive the process into JSON and back."""

from collections.abc import Iterable
from dataclasses import asdict

from lab.json_object import JsonObject
from lab.platform.breakage import Breakage
from lab.platform.content import Content, Friction
from lab.platform.flag import Flag
from lab.platform.growth import Campaign
from lab.platform.model import Platform
from lab.platform.people import Person
from lab.platform.pipeline import Backfill, ConsumerGroup, Pipeline
from lab.platform.society import Society
from lab.platform.support import Appeal, Ticket
from lab.platform.throttle import Throttle
from lab.platform.writes import WriteLog


def take_snapshot(platform: Platform, writes: WriteLog) -> JsonObject:
    """Take what can be written, breakages, queue depths, accepted writes and audit."""
    return {
        "flags": [asdict(flag) for flag in platform.flags.values()],
        "throttles": [asdict(limit) for limit in platform.throttles.values()],
        "broken": sorted(platform.broken),
        "depths": {name: queue.depth for name, queue in platform.queues.items()},
        "society": take_society(platform.society),
        "audit": platform.audit.snapshot(),
        "writes": writes.listed(),
    }


def restore(snapshot: JsonObject, platform: Platform, writes: WriteLog) -> None:
    """Leave what an empty snapshot does not name as it is."""
    for flag in snapshot.get("flags", []):
        platform.flags[flag["key"]] = Flag(**flag)
    for limit in snapshot.get("throttles", []):
        platform.throttles[limit["service"], limit["route"]] = Throttle(**limit)
    platform.broken = {Breakage(kind) for kind in snapshot.get("broken", [])}
    for name, depth in snapshot.get("depths", {}).items():
        platform.queues[name].depth = depth
    restore_society(snapshot.get("society", {}), platform.society)
    platform.audit.restore(snapshot.get("audit", platform.audit.snapshot()))
    writes.restore(snapshot.get("writes", []))


def take_society(society: Society) -> JsonObject:
    kept: dict[str, Iterable[object]] = {
        "people": society.people.values(),
        "contents": society.contents.values(),
        "frictions": society.frictions.values(),
        "appeals": society.appeals.values(),
        "tickets": society.tickets.values(),
        "campaigns": society.campaigns.values(),
        "groups": society.groups.values(),
        "pipelines": society.pipelines.values(),
    }
    return {
        name: [asdict(one) for one in rows]  # type: ignore[call-overload]
        for name, rows in kept.items()
    }


def restore_society(kept: JsonObject, society: Society) -> None:
    for one in kept.get("people", []):
        society.people[one["user_id"]] = Person(**one)
    for one in kept.get("contents", []):
        society.contents[one["content_id"]] = Content(**one)
    for one in kept.get("frictions", []):
        society.frictions[one["target"]] = Friction(**one)
    for one in kept.get("appeals", []):
        society.appeals[one["appeal_id"]] = Appeal(**one)
    for one in kept.get("tickets", []):
        society.tickets[one["ticket_id"]] = Ticket(**one)
    for one in kept.get("campaigns", []):
        society.campaigns[one["campaign_key"]] = Campaign(**one)
    for one in kept.get("groups", []):
        society.groups[one["name"]] = ConsumerGroup(**one)
    for one in kept.get("pipelines", []):
        society.pipelines[one["name"]] = restore_pipeline(one)


def restore_pipeline(kept: JsonObject) -> Pipeline:
    gaps = [(begin, end) for begin, end in kept["gaps"]]
    backfills = [Backfill(**one) for one in kept["backfills"]]
    return Pipeline(**{**kept, "gaps": gaps, "backfills": backfills})

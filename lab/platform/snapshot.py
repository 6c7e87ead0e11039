"""Turn what must outlive the process into JSON and back."""

from dataclasses import asdict

from lab.json_object import JsonObject
from lab.platform.breakage import Breakage
from lab.platform.flag import Flag
from lab.platform.model import Platform
from lab.platform.throttle import Throttle
from lab.platform.writes import WriteLog


def take_snapshot(platform: Platform, writes: WriteLog) -> JsonObject:
    """Take flags, throttles, breakages, queue depths and accepted writes."""
    return {
        "flags": [asdict(flag) for flag in platform.flags.values()],
        "throttles": [asdict(limit) for limit in platform.throttles.values()],
        "broken": sorted(platform.broken),
        "depths": {name: queue.depth for name, queue in platform.queues.items()},
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
    writes.restore(snapshot.get("writes", []))

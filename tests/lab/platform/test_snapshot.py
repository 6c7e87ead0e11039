"""What the lab wrote is still there after a restart."""

import json

from lab.platform.breakage import Breakage
from lab.platform.model import healthy_platform
from lab.platform.snapshot import restore, take_snapshot
from lab.platform.writes import WriteLog

NOW = 1_800_000_000.0


def test_a_snapshot_is_restored_whole() -> None:
    """Through JSON, into a platform that began afresh."""
    lived, again = (healthy_platform(seed=1, now=NOW) for _ in range(2))
    for kind in Breakage:
        lived.break_by(kind, now=NOW)
    society = lived.society
    society.people["u_1002"].ban(None)
    society.friction("content:c_2001").set("confirm", NOW + 60)
    society.pipelines["warehouse"].backfill(NOW - 60, NOW - 10)
    society.campaigns["welcome-spring"].advance(NOW)
    society.tickets["48211"].comment("a", "b", public=False, now=NOW)
    kept = take_snapshot(lived, WriteLog())
    restore(json.loads(json.dumps(kept)), again, WriteLog())

    assert kept == take_snapshot(again, WriteLog())
    assert lived.active_breakages == again.active_breakages
    again.step(10, now=NOW + 10)
    assert "done" == again.society.pipelines["warehouse"].backfills[0].state


def test_an_old_snapshot_leaves_the_rest_as_it_is() -> None:
    """One from before there were people."""
    platform = healthy_platform(seed=1, now=NOW)
    restore({"broken": ["traffic_surge"]}, platform, WriteLog())

    assert 8 == len(platform.society.people)
    assert {Breakage.TRAFFIC_SURGE} == platform.broken

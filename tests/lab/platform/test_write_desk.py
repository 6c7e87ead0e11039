"""Every write lands in the audit log, once."""

import json

from lab.changes import ChangeFeed
from lab.json_object import JsonObject
from lab.platform.audit_log import AuditLog
from lab.platform.flag import Flag, usual_flags
from lab.platform.write_desk import Change, Conditions, Deed, WriteDesk
from lab.platform.writes import WriteLog

NOW = 1_800_000_000.0


class Toggle(Change):
    on: bool


def put(desk: WriteDesk, flag: Flag, *, key: str, seen: int) -> JsonObject:
    answer = desk.put(
        Deed("flag.changed", flag.key, "/f"),
        Toggle(changed_by="somebody", on=True),
        Conditions(str(seen), key),
        state=flag.rendered,
        act=lambda now: flag.change(
            enabled=True, rollout_percent=1, changed_by="somebody", now=now
        ),
    )
    return {"status": answer.status_code, **json.loads(bytes(answer.body))}


def test_a_write_is_audited_and_its_retry_is_not() -> None:
    """Actor, deed, target and body; a refusal leaves no entry either."""
    desk = WriteDesk(WriteLog(), AuditLog(), lambda: NOW, ChangeFeed())
    flag = usual_flags(NOW)[0]
    first = put(desk, flag, key="k", seen=1)
    retry = put(desk, flag, key="k", seen=1)
    stale = put(desk, flag, key="other", seen=1)

    assert [200, 200, 412] == [one["status"] for one in (first, retry, stale)]
    [entry] = desk.audit.search("", since=0, most=9)
    assert ("somebody", "flag.changed", flag.key, '{"on": true}') == (
        entry["actor"],
        entry["action"],
        entry["target"],
        entry["detail"],
    )
    assert 1 == desk.changes.version - 2

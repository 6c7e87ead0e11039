"""What the platform answers, in the shapes of its own API."""

AT = "2026-01-01T00:00:00Z"
SECONDS = 1_767_225_600.0
FLAG = {
    "key": "new_ranker",
    "service": "discourse",
    "enabled": True,
    "rollout_percent": 50,
    "version": 7,
    "changed_at": AT,
    "changed_by": "deploy",
    "history": [
        {"version": 5, "rollout_percent": 1},
        {"version": 6, "rollout_percent": 5},
        {"version": 7, "rollout_percent": 50},
    ],
}
THROTTLE = {
    "service": "discourse",
    "route": "GET /feed",
    "limit_rps": None,
    "version": 1,
}
QUEUE = {
    "name": "default",
    "depth": 3,
    "oldest_age_seconds": 1.5,
    "in_per_second": 2.0,
    "out_per_second": 4.0,
    "consumers": 1,
}
LOAD = {"requests_per_second": 9.0, "error_ratio": 0.1}
ROUTE = {**LOAD, "route": "GET /", "capacity_rps": 5.0, "rejected_per_second": 0.0}
SERVICE = {
    **LOAD,
    "service": "discourse",
    "p99_ms": 10.0,
    "active_users": 4,
    "routes": [ROUTE],
}
SPAN = {
    "operation": "rank",
    "duration_ms": 1.0,
    "status": "error",
    "message": "boom",
    "attributes": {"z": "1", "error.type": "Timeout", "a": "2"},
}
TRACE = {
    "id": "t1",
    "correlation_id": "c1",
    "status": "error",
    "started_at": AT,
    "duration_ms": 2.0,
    "spans": [SPAN],
}
ENTRY = {"at": AT, "actor": "a", "action": "b", "target": "c", "detail": "d"}
CONTENT: dict[str, object] = {
    "content_id": "c_1",
    "author_id": "u_1",
    "kind": "post",
    "created_at": AT,
    "text": "hello",
    "status": "visible",
    "removed_reason": None,
    "views_last_hour": 1,
    "replies_last_hour": 2,
    "repliers_last_hour": 2,
    "reports": 0,
    "labels": [],
    "thread_size": 3,
    "version": 3,
}
FRICTION = {
    "target": "content:c_1",
    "friction_type": "slow_mode",
    "expires_at": AT,
    "people_last_hour": 5,
    "actions_last_hour": 9,
    "version": 3,
}
APPEAL = {
    "appeal_id": "a_1",
    "user_id": "u_1",
    "action": "ban",
    "subject_id": "u_1",
    "opened_at": AT,
    "statement": "no",
    "status": "open",
    "version": 3,
}
CONSUMER = {
    "consumer_group": "loader",
    "topic": "events",
    "pipeline": "warehouse",
    "members": 4,
    "lag": 10,
    "lag_seconds": 1.5,
    "in_rate": 2.0,
    "out_rate": 3.0,
    "restarts": 1,
    "restarted_at": AT,
    "version": 3,
}
BACKFILL = {
    "id": "bf_1",
    "from_at": AT,
    "to_at": AT,
    "state": "running",
    "rows_done": 1,
    "rows_total": 9,
}
PIPELINE = {
    "pipeline": "warehouse",
    "watermark_at": AT,
    "lag_seconds": 2.0,
    "rows_per_second": 400.0,
    "gaps": [[AT, AT]],
    "backfills": [BACKFILL],
    "version": 3,
}
ACCOUNT = {
    "user_id": "u_1",
    "handle": "h",
    "display_name": "H",
    "email": "h@example.com",
    "phone": "1",
    "country": "SE",
    "created_at": AT,
    "followers": 5,
    "status": "active",
    "banned_until": None,
    "strikes": 0,
    "reports_last_day": 1,
    "posts_last_day": 2,
    "push_tokens": 3,
    "push_revoked": False,
    "recent_content": ["c_1"],
    "version": 3,
}
IDENTITY = {
    "user_id": "u_1",
    "sessions": 2,
    "last_login_at": AT,
    "failed_logins_last_hour": 0,
    "locked": False,
    "reset_sent_at": None,
    "version": 3,
}
COMMENT = {"author": "a", "body": "b", "public": True, "at": AT}
TICKET = {
    "ticket_id": "48",
    "subject": "s",
    "status": "open",
    "priority": "normal",
    "requester_name": "N",
    "requester_email": "n@example.com",
    "user_id": None,
    "tags": ["login"],
    "created_at": AT,
    "updated_at": AT,
    "comments": [COMMENT],
    "version": 3,
}
PLAN = {
    "campaigns": [{"campaign_key": "autumn", "state": "none", "audience": 0}],
    "segments": [{"segment": "s", "people": 5}],
    "templates": ["t"],
}
CAMPAIGN = {
    "campaign_key": "autumn",
    "state": "scheduled",
    "segment": "s",
    "template": "t",
    "starts_at": AT,
    "audience": 5,
    "version": 3,
}
RESULT = {
    "metric": "m",
    "variation": "a",
    "users": 1,
    "value": 1.5,
    "chance_to_win": None,
}
EXPERIMENT = {
    "key": "e",
    "name": "E",
    "status": "running",
    "phase": "main",
    "started_at": AT,
    "coverage": 0.5,
    "variations": ["a", "b"],
    "results": [RESULT],
}

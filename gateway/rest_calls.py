"""
The calls of each port that a REST connector may serve, and the arguments of each.

``connectors.yaml`` is checked against this table: a call that is missing, or a
placeholder that no argument fills, is found before anything starts.
"""

from collections.abc import Mapping

READ = "read"
WRITE = "write"
LIST = "list"
COUNT = "count"

Calls = Mapping[str, tuple[str, tuple[str, ...]]]

CALLS: Mapping[str, Calls] = {
    "catalogue": {"service": (READ, ("name",))},
    "queues": {"get": (READ, ("name",))},
    "throttles": {
        "get": (READ, ("service", "route")),
        "set": (WRITE, ("service", "route", "limit_rps")),
    },
    "accounts": {
        "get": (READ, ("user_id",)),
        "set_push": (WRITE, ("user_id", "revoked")),
        "ban": (WRITE, ("user_id", "until", "reason_code")),
    },
    "contents": {
        "get": (READ, ("content_id",)),
        "remove": (WRITE, ("content_id", "reason_code")),
    },
    "frictions": {
        "get": (READ, ("target",)),
        "set": (WRITE, ("target", "friction_type", "expires_at")),
    },
    "appeals": {
        "get": (READ, ("appeal_id",)),
        "resolve": (WRITE, ("appeal_id", "resolution")),
    },
    "consumers": {
        "get": (READ, ("consumer_group",)),
        "restart": (WRITE, ("consumer_group",)),
    },
    "pipelines": {
        "get": (READ, ("pipeline",)),
        "rehearse": (COUNT, ("pipeline", "from_at", "to_at")),
        "backfill": (WRITE, ("pipeline", "from_at", "to_at")),
    },
    "campaigns": {
        "plan": (READ, ()),
        "get": (READ, ("campaign_key",)),
        "rehearse": (COUNT, ("campaign_key", "segment", "template", "starts_at")),
        "schedule": (WRITE, ("campaign_key", "segment", "template", "starts_at")),
    },
    "audit": {"search": (LIST, ("query", "since", "most"))},
}

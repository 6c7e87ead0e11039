"""
Who may do what to which table: the whole matrix, made by the migrations.

``tests/storage/test_grants.py`` holds it against the catalogue.
S select, I insert, U update, D delete.
"""

from collections.abc import Mapping

ROLES = ("web", "gateway", "worker", "courier", "sealer")

GRANTS: Mapping[str, Mapping[str, str]] = {
    "web": {
        "tenants": "S",
        "slack_teams": "S",
        "webhook_endpoints": "S",
        "freezes": "SU",
        "alerts": "SIU",
        "tasks": "SIU",
        "task_alerts": "SI",
        "runs": "S",
        "tool_calls": "S",
        "evidence": "S",
        "proposals": "SU",
        "decisions": "S",
        "approvals": "S",
        "executions": "S",
        "inbox": "SIU",
        "threads": "SI",
        "messages": "S",
        "outbox": "SI",
        "ledger": "SI",
    },
    "gateway": {
        "tenants": "S",
        "freezes": "SU",
        "policy_bundles": "SI",
        "alerts": "S",
        "tasks": "SIU",
        "task_alerts": "S",
        "runs": "SIU",
        "tool_calls": "SIU",
        "evidence": "SI",
        "journal": "SI",
        "proposals": "SIU",
        "decisions": "SI",
        "approvals": "SIU",
        "executions": "SIU",
        "target_locks": "SIUD",
        "write_counts": "SIU",
        "reversions": "SIU",
        "vault": "SIU",
        "inbox": "SU",
        "threads": "SI",
        "messages": "S",
        "outbox": "SI",
        "ledger": "SI",
    },
    "worker": {
        "tenants": "S",
        "freezes": "S",
        "alerts": "SIU",
        "tasks": "SIU",
        "task_alerts": "SI",
        "runs": "SIU",
        "evidence": "S",
        "proposals": "SU",
        "decisions": "S",
        "approvals": "S",
        "executions": "S",
        "reversions": "SI",
        "inbox": "SIU",
        "threads": "SI",
        "messages": "S",
        "outbox": "SI",
        "ledger": "SI",
    },
    "courier": {
        "tenants": "S",
        "tasks": "SU",
        "proposals": "SU",
        "threads": "SU",
        "messages": "SIU",
        "outbox": "SU",
        "ledger": "SI",
    },
    "sealer": {
        "tenants": "S",
        "ledger": "S",
        "ledger_seals": "SI",
        "relays": "SIU",
    },
}

FUNCTIONS: Mapping[str, tuple[str, ...]] = {
    "find_webhook(text, text, text[])": ("web",),
    "find_team(text)": ("web", "worker"),
    "find_scope(text, uuid)": ("web", "gateway", "worker"),
    "list_scopes()": ("gateway", "worker", "sealer", "web"),
    "claim_task(text, integer, integer, boolean, text)": ("worker",),
    "claim_inbox(integer, text)": ("worker",),
    "claim_thread(text, integer)": ("courier",),
    "find_due(integer)": ("worker",),
    "find_reversions(integer, text)": ("worker",),
}

"""The shipped rules, the tools they know, and facts to start from."""

from pathlib import Path

from policy.evaluate import TEXTS, Policy, load_policy
from policy.facts import ApprovalFacts, CallFacts, Phase
from policy.tool_spec import ToolCategory, ToolSpec

RULES = Path(__file__).parents[2] / "policy" / "rules"


def shipped_texts() -> dict[str, str]:
    return {name: (RULES / name).read_text() for name in TEXTS}


def read_tool(name: str, param: str) -> ToolSpec:
    return ToolSpec(
        name=name,
        version=1,
        category=ToolCategory.read,
        params_schema={
            "type": "object",
            "properties": {param: {"type": "string"}},
            "required": [param],
        },
    )


def toggle_tool() -> ToolSpec:
    return ToolSpec(
        name="toggle_feature_flag",
        version=1,
        category=ToolCategory.write_reversible,
        params_schema={
            "type": "object",
            "properties": {
                "flag_key": {"type": "string"},
                "enabled": {"type": "boolean"},
                "rollout_percent": {"type": "integer", "minimum": 0, "maximum": 100},
            },
            "required": ["flag_key", "enabled", "rollout_percent"],
        },
        target_params=("flag_key",),
        reason_codes=("incident_mitigation",),
    )


def throttle_tool() -> ToolSpec:
    return ToolSpec(
        name="throttle_endpoint",
        version=1,
        category=ToolCategory.write_reversible,
        params_schema={
            "type": "object",
            "properties": {
                "service": {"type": "string"},
                "route": {"type": "string"},
                "limit_rps": {"type": "integer", "minimum": 50, "maximum": 100000},
            },
            "required": ["service", "route", "limit_rps"],
        },
        target_params=("service", "route"),
        reason_codes=("incident_mitigation", "capacity"),
    )


def ban_tool() -> ToolSpec:
    """An irreversible write, which no shipped rule names."""
    return ToolSpec(
        name="ban_user",
        version=1,
        category=ToolCategory.write_irreversible,
        params_schema={
            "type": "object",
            "properties": {
                "user_id": {"type": "string"},
                "ratio": {"type": "number"},
            },
            "required": ["user_id"],
        },
        target_params=("user_id",),
        reason_codes=("abuse",),
    )


def shipped_tools() -> tuple[ToolSpec, ...]:
    return (
        read_tool("get_dashboard_snapshot", "dashboard_id"),
        read_tool("trace_lookup", "service"),
        read_tool("get_queue_state", "queue"),
        toggle_tool(),
        throttle_tool(),
        ban_tool(),
    )


def shipped_policy() -> Policy:
    return load_policy(shipped_texts(), shipped_tools())


def policy_with(autonomy_rows: str) -> Policy:
    """Give the shipped policy with other rows in its matrix."""
    texts = shipped_texts()
    texts["autonomy.yaml"] = "rules:\n" + autonomy_rows
    return load_policy(texts, shipped_tools())


def row(
    level: str, *, tool: str = "*", environment: str = "*", tenant: str = "*"
) -> str:
    name = f"{tool}-{environment}-{tenant}".replace("*", "any").replace("_", "-")
    return (
        f'  - {{id: {name.lower()}, tool: "{tool}", environment: "{environment}", '
        f'tenant: "{tenant}", level: {level}, owner: o, reason: r}}\n'
    )


def toggle_facts(environment: str = "prod", phase: Phase = Phase.propose) -> CallFacts:
    return CallFacts(
        tenant_id="genme",
        environment=environment,
        task_environment=environment,
        kind="reliability",
        tool="toggle_feature_flag",
        params={"flag_key": "new_ranker", "enabled": False, "rollout_percent": 0},
        phase=phase,
        agent="reliability-triage",
        agent_version=1,
        allowed_tools=tuple(tool.name for tool in shipped_tools()),
        requester="alert",
        sandbox="bubblewrap",
        lab_only=False,
        reason_code="incident_mitigation",
    )


def approval_facts(person: str = "operator") -> ApprovalFacts:
    return ApprovalFacts(
        tenant_id="genme",
        environment="prod",
        kind="reliability",
        tool="toggle_feature_flag",
        person=person,
        requester="alert",
    )

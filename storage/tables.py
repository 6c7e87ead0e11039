"""
The tables. They never leave this room; the migrations repeat them as plain SQL.

Every row carries tenant and environment, and every foreign key includes both, so
that a row can't point across a wall even where a policy is wrong.
"""

from enum import StrEnum

from sqlalchemy import (
    REAL,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Double,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID
from sqlalchemy.schema import SchemaItem
from sqlalchemy.types import UserDefinedType

from policy.alert import AlertStatus, Severity
from policy.decision import Verdict
from policy.eval_case import EvalCaseKind
from policy.model_call import ModelCallState
from policy.proposal import ProposalState, ReversionState
from policy.task import TaskKind, TaskState

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Xid8(UserDefinedType[int]):
    """A 64-bit transaction id: compared with the snapshot's xmin by the sealer."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        return "xid8"


def _instant(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, DateTime(timezone=True), nullable=nullable)


def _id(name: str = "id", *, nullable: bool = False) -> Column[object]:
    return Column(name, UUID(as_uuid=True), nullable=nullable)


def _words(name: str, *, nullable: bool = False) -> Column[str]:
    return Column(name, Text, nullable=nullable)


def _json(name: str, *, nullable: bool = False) -> Column[object]:
    return Column(name, JSONB, nullable=nullable)


def _count(name: str, default: int = 0) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default=text(str(default)))


def _one_of(name: str, words: type[StrEnum]) -> CheckConstraint:
    listed = ", ".join(f"'{word.value}'" for word in words)
    return CheckConstraint(f"{name} IN ({listed})", name=name)


def _of(parent: str, column: str) -> ForeignKeyConstraint:
    return ForeignKeyConstraint(
        ["tenant_id", "environment", column],
        [f"{parent}.tenant_id", f"{parent}.environment", f"{parent}.id"],
    )


def _scoped(name: str, *items: SchemaItem, key: tuple[str, ...] = ("id",)) -> Table:
    return Table(
        name,
        METADATA,
        _words("tenant_id"),
        _words("environment"),
        *items,
        PrimaryKeyConstraint("tenant_id", "environment", *key),
        *(
            ()
            if name == "tenants"
            else (
                ForeignKeyConstraint(
                    ["tenant_id", "environment"],
                    ["tenants.tenant_id", "tenants.environment"],
                ),
            )
        ),
    )


tenants = _scoped("tenants", _words("name"), _instant("created_at"), key=())

slack_teams = _scoped("slack_teams", _words("team_id"), key=("team_id",))

webhook_endpoints = _scoped(
    "webhook_endpoints",
    _id(),
    _words("source"),
    _words("slug"),
    Column("token_digests", ARRAY(Text), nullable=False),
    Column("sealed_secrets", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("topics", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    _instant("created_at"),
    _instant("rotated_at", nullable=True),
    Index("uq_webhook_endpoints_slug", "slug", unique=True),
)

webhook_visits = _scoped(
    "webhook_visits",
    _id("endpoint_id"),
    _instant("taken_at", nullable=True),
    _instant("refused_at", nullable=True),
    Column("refused_status", Integer),
    ForeignKeyConstraint(
        ["tenant_id", "environment", "endpoint_id"],
        [
            "webhook_endpoints.tenant_id",
            "webhook_endpoints.environment",
            "webhook_endpoints.id",
        ],
        ondelete="CASCADE",
    ),
    key=("endpoint_id",),
)

freezes = _scoped(
    "freezes",
    Column("frozen", Boolean, nullable=False),
    _words("reason"),
    _words("by"),
    _instant("until", nullable=True),
    Column("scopes", JSONB, nullable=False, server_default=text("'{}'")),
    Column("undo_too", Boolean, nullable=False, server_default=text("false")),
    _instant("restored_at", nullable=True),
    key=(),
)

policy_bundles = _scoped(
    "policy_bundles",
    _words("hash"),
    _json("texts"),
    _instant("created_at"),
    key=("hash",),
)

alerts = _scoped(
    "alerts",
    _id(),
    _words("source"),
    _words("fingerprint"),
    _words("title"),
    _words("severity"),
    _words("status"),
    _words("service", nullable=True),
    _json("labels"),
    _json("annotations"),
    _json("links"),
    _instant("starts_at"),
    _instant("ends_at", nullable=True),
    _instant("first_seen_at"),
    _instant("last_seen_at"),
    _count("count", 1),
    Column("came_by", Text, nullable=False, server_default=text("''")),
    _one_of("severity", Severity),
    _one_of("status", AlertStatus),
    UniqueConstraint("tenant_id", "environment", "fingerprint"),
    Index("ix_alerts_id", "id", unique=True),
)

tasks = _scoped(
    "tasks",
    _id(),
    _words("kind"),
    _words("title"),
    _words("severity"),
    Column("severity_rank", SmallInteger, nullable=False),
    _words("service", nullable=True),
    _words("state"),
    Column("fence", BigInteger, nullable=False, server_default=text("0")),
    _instant("lease_until", nullable=True),
    _words("lease_owner", nullable=True),
    _count("attempt"),
    _instant("next_attempt_at", nullable=True),
    _count("plan", 1),
    Column("takeover_by", Text),
    Column("owner_slack", Text),
    Column("muted_by", Text),
    _id("linked_to", nullable=True),
    _id("correlation_id"),
    _words("agent"),
    Column("agent_version", Integer, nullable=False),
    _words("agent_digest"),
    _words("channel"),
    _words("opened_by"),
    _words("level"),
    _words("headline"),
    _words("group_key"),
    _count("task_seq"),
    _instant("created_at"),
    _instant("updated_at"),
    _instant("quiet_at", nullable=True),
    _instant("closed_at", nullable=True),
    Column("likeness", ARRAY(REAL)),
    _instant("opens_at", nullable=True),
    _words("waits_for", nullable=True),
    _instant("held_until", nullable=True),
    _count("alerts"),
    Column("people", ARRAY(Text), nullable=False, server_default=text("'{}'")),
    Column("cost_microusd", BigInteger, nullable=False, server_default=text("0")),
    _one_of("kind", TaskKind),
    _one_of("severity", Severity),
    _one_of("state", TaskState),
    Index("ix_tasks_id", "id", unique=True),
    Index(
        "ix_tasks_claimable",
        "severity_rank",
        "created_at",
        postgresql_where=text("state IN ('queued', 'executing')"),
    ),
    Index(
        "ix_tasks_group",
        "tenant_id",
        "environment",
        "group_key",
        postgresql_where=text("closed_at IS NULL"),
    ),
    Index(
        "ix_tasks_waiting",
        "opens_at",
        postgresql_where=text("opens_at IS NOT NULL AND closed_at IS NULL"),
    ),
    Index(
        "ix_tasks_last",
        "tenant_id",
        "environment",
        "group_key",
        "closed_at",
        postgresql_where=text("closed_at IS NOT NULL"),
    ),
    Index(
        "ix_tasks_open",
        "tenant_id",
        "environment",
        "state",
        postgresql_where=text("closed_at IS NULL"),
    ),
)

task_alerts = _scoped(
    "task_alerts",
    _id("task_id"),
    _id("alert_id"),
    _of("tasks", "task_id"),
    _of("alerts", "alert_id"),
    Index("ix_task_alerts_alert", "tenant_id", "environment", "alert_id"),
    key=("task_id", "alert_id"),
)

silences = _scoped(
    "silences",
    _id(),
    _json("labels"),
    _words("reason"),
    _words("by"),
    _instant("starts_at"),
    _instant("ends_at"),
    _words("ended_by", nullable=True),
    Index("ix_silences_ends", "tenant_id", "environment", "ends_at"),
)

alert_rates = _scoped(
    "alert_rates",
    _words("channel"),
    _instant("bucket_at"),
    _count("alerts"),
    _count("opened"),
    _count("paced"),
    _count("most", 10),
    key=("channel", "bucket_at"),
)

storms = _scoped(
    "storms",
    _id("task_id"),
    _words("channel"),
    _instant("started_at"),
    _instant("last_over_at"),
    _instant("look_at"),
    _instant("ended_at", nullable=True),
    _count("alerts"),
    _count("folded"),
    _count("calm_seconds"),
    _count("threads_per_minute"),
    _of("tasks", "task_id"),
    Index(
        "uq_storms_channel",
        "tenant_id",
        "environment",
        "channel",
        unique=True,
        postgresql_where=text("ended_at IS NULL"),
    ),
    key=("task_id",),
)

runs = _scoped(
    "runs",
    _id(),
    _id("task_id"),
    Column("plan", Integer, nullable=False),
    _words("outcome", nullable=True),
    _json("report", nullable=True),
    _instant("started_at"),
    _instant("finished_at", nullable=True),
    _of("tasks", "task_id"),
    UniqueConstraint("tenant_id", "environment", "task_id", "plan"),
)

tool_calls = _scoped(
    "tool_calls",
    _id(),
    _id("task_id"),
    _id("run_id", nullable=True),
    _words("tool"),
    Column("tool_version", Integer, nullable=False),
    _words("phase"),
    _json("inputs"),
    _json("outputs", nullable=True),
    _id("correlation_id"),
    _words("verdict"),
    _words("rule"),
    _id("approval_id", nullable=True),
    _words("reason_code", nullable=True),
    _words("idempotency_key", nullable=True),
    _words("state"),
    _words("error", nullable=True),
    _instant("started_at"),
    _instant("finished_at", nullable=True),
    _of("tasks", "task_id"),
    Index("ix_tool_calls_task", "tenant_id", "environment", "task_id"),
)

evidence = _scoped(
    "evidence",
    _id(),
    _id("task_id"),
    _id("tool_call_id"),
    _words("tool"),
    _words("digest"),
    _words("origin"),
    _words("body"),
    Column("picture", LargeBinary),
    Column("picture_alt", Text),
    _instant("created_at"),
    _of("tasks", "task_id"),
    _of("tool_calls", "tool_call_id"),
    Index("ix_evidence_task", "tenant_id", "environment", "task_id"),
)

pictures = _scoped(
    "pictures",
    _id(),
    _id("task_id"),
    Column("png", LargeBinary),
    _words("alt"),
    _words("file_id", nullable=True),
    _of("tasks", "task_id"),
    Index("ix_pictures_task", "tenant_id", "environment", "task_id"),
)

journal = _scoped(
    "journal",
    _id("run_id"),
    _words("step"),
    _words("request_digest"),
    _json("answer"),
    _instant("created_at"),
    _of("runs", "run_id"),
    key=("run_id", "step"),
)

model_calls = _scoped(
    "model_calls",
    _id(),
    _id("task_id"),
    _id("run_id"),
    _words("step"),
    _words("model"),
    _words("request_digest"),
    _words("state"),
    Column("input_tokens", Integer, nullable=False),
    Column("output_tokens", Integer, nullable=False),
    Column("cost_microusd", BigInteger, nullable=False),
    Column("seconds", Double, nullable=False),
    _json("answer", nullable=True),
    _words("fault", nullable=True),
    _words("error", nullable=True),
    _instant("begun_at"),
    _instant("due_at"),
    _instant("finished_at", nullable=True),
    _of("tasks", "task_id"),
    _of("runs", "run_id"),
    _one_of("state", ModelCallState),
    UniqueConstraint("tenant_id", "environment", "run_id", "step"),
    Index("ix_model_calls_task", "tenant_id", "environment", "task_id"),
    Index("ix_model_calls_day", "tenant_id", "environment", "begun_at"),
)

proposals = _scoped(
    "proposals",
    _id(),
    _id("task_id"),
    _id("run_id", nullable=True),
    _words("key"),
    Column("revision", Integer, nullable=False),
    _id("supersedes", nullable=True),
    _id("undoes", nullable=True),
    _words("tool"),
    Column("tool_version", Integer, nullable=False),
    _words("category"),
    _json("params"),
    _json("params_schema"),
    _words("reason_code"),
    _words("summary"),
    _words("because"),
    Column("confidence", Double),
    _json("evidence_ids"),
    _json("uncited"),
    Column("tainted", Boolean, nullable=False),
    _json("before"),
    _json("estimate"),
    _json("undo"),
    Column("risk", SmallInteger, nullable=False),
    _json("risk_factors"),
    _words("digest"),
    _words("state"),
    _id("decision_id"),
    Column("quorum", Integer, nullable=False),
    _json("roles"),
    Column("next_roles", JSONB, nullable=False, server_default=text("'[]'")),
    Column("next_people", JSONB, nullable=False, server_default=text("'[]'")),
    _words("rule"),
    Column("expires_in_seconds", Integer, nullable=False),
    _instant("expires_at", nullable=True),
    _instant("latest_at"),
    _words("proposed_by"),
    _words("edited_by", nullable=True),
    _json("diff", nullable=True),
    _words("closed_by", nullable=True),
    _words("closed_reason", nullable=True),
    _instant("reminded_at", nullable=True),
    _instant("escalated_at", nullable=True),
    _json("grant_offer", nullable=True),
    _words("barred", nullable=True),
    Column("alike", Text, nullable=False, server_default=text("''")),
    _id("folded_in", nullable=True),
    _instant("asked_at", nullable=True),
    _count("unmuted"),
    _instant("created_at"),
    _instant("updated_at"),
    _of("tasks", "task_id"),
    _one_of("state", ProposalState),
    UniqueConstraint("tenant_id", "environment", "task_id", "key", "revision"),
    Index("ix_proposals_id", "id", unique=True),
    Index(
        "ix_proposals_undoes",
        "tenant_id",
        "environment",
        "undoes",
        postgresql_where=text("undoes IS NOT NULL"),
    ),
    Index(
        "ix_proposals_open",
        "latest_at",
        postgresql_where=text("state IN ('needs_approval', 'drafted', 'approved')"),
    ),
    Index(
        "ix_proposals_record",
        "tenant_id",
        "environment",
        "proposed_by",
        "created_at",
        postgresql_where=text(
            "state IN ('succeeded', 'failed', 'undone', 'outcome_unknown')"
        ),
    ),
    Index(
        "ix_proposals_under_way",
        "environment",
        postgresql_where=text("state IN ('executing', 'verifying')"),
    ),
)

decisions = _scoped(
    "decisions",
    _id(),
    _id("task_id"),
    _words("phase"),
    _json("facts"),
    _words("verdict"),
    _words("level"),
    _words("matrix_rule"),
    _json("cedar_ids"),
    _words("bundle_hash"),
    _json("obligations"),
    _words("reason"),
    _instant("created_at"),
    _of("tasks", "task_id"),
    _one_of("verdict", Verdict),
    Index("ix_decisions_task", "tenant_id", "environment", "task_id"),
)

approvals = _scoped(
    "approvals",
    _id(),
    _id("proposal_id"),
    _words("digest"),
    _words("person"),
    _words("verdict"),
    _words("comment"),
    _words("reason_code"),
    _id("inbox_id"),
    Column("after_seconds", Double),
    Column("evidence_opened", Boolean),
    Column("worn", Boolean, nullable=False, server_default=text("false")),
    Column("void", Boolean, nullable=False, server_default=text("false")),
    Column("click", Text, nullable=False, server_default=text("''")),
    _instant("created_at"),
    _of("proposals", "proposal_id"),
    Index(
        "uq_approvals_standing",
        "tenant_id",
        "environment",
        "proposal_id",
        "person",
        unique=True,
        postgresql_where=text("NOT void"),
    ),
    Index("ix_approvals_person", "tenant_id", "environment", "person", "created_at"),
)

evidence_views = _scoped(
    "evidence_views",
    _id("proposal_id"),
    _words("person"),
    _instant("opened_at"),
    _of("proposals", "proposal_id"),
    key=("proposal_id", "person"),
)

eval_cases = _scoped(
    "eval_cases",
    _id(),
    _id("task_id"),
    _id("proposal_id"),
    _id("inbox_id"),
    _words("kind"),
    _words("agent", nullable=True),
    Column("agent_version", Integer),
    Column("revision", Integer, nullable=False),
    _words("tool"),
    Column("tool_version", Integer, nullable=False),
    _json("params"),
    _words("proposed_reason_code"),
    _json("edited_params", nullable=True),
    _json("diff", nullable=True),
    _words("reason_code"),
    _words("comment"),
    Column("new_plan", Boolean, nullable=False),
    _json("cited"),
    _instant("created_at"),
    _of("tasks", "task_id"),
    _of("proposals", "proposal_id"),
    _one_of("kind", EvalCaseKind),
    UniqueConstraint("tenant_id", "environment", "proposal_id"),
    Index("ix_eval_cases_task", "tenant_id", "environment", "task_id"),
    Index("ix_eval_cases_agent", "tenant_id", "environment", "agent", "id"),
)

autonomy_overrides = _scoped(
    "autonomy_overrides",
    _id(),
    _id("task_id"),
    _id("proposal_id"),
    _words("tool"),
    _words("kind"),
    _words("service"),
    _words("person"),
    Column("most", Integer, nullable=False),
    Column("most_risk", SmallInteger, nullable=False, server_default=text("0")),
    _json("used_by"),
    _instant("created_at"),
    _instant("expires_at"),
    _words("withdrawn_by", nullable=True),
    _instant("withdrawn_at", nullable=True),
    _of("tasks", "task_id"),
    _of("proposals", "proposal_id"),
    Index("ix_autonomy_overrides_expires", "tenant_id", "environment", "expires_at"),
    Index("ix_autonomy_overrides_proposal", "tenant_id", "environment", "proposal_id"),
)

executions = _scoped(
    "executions",
    _id(),
    _id("task_id"),
    _id("proposal_id"),
    _words("kind"),
    Column("try", SmallInteger, nullable=False),
    Column("fence", BigInteger, nullable=False),
    _words("idempotency_key"),
    _words("outcome", nullable=True),
    _json("before"),
    _json("after", nullable=True),
    _words("error", nullable=True),
    _instant("begun_at"),
    _instant("effect_deadline_at"),
    _instant("finished_at", nullable=True),
    _instant("verify_deadline_at", nullable=True),
    _instant("not_before", nullable=True),
    _instant("verified_at", nullable=True),
    _json("verification", nullable=True),
    _of("tasks", "task_id"),
    _of("proposals", "proposal_id"),
    UniqueConstraint("tenant_id", "environment", "proposal_id", "kind", "try"),
    Index("ix_executions_task", "tenant_id", "environment", "task_id"),
    Index(
        "ix_executions_begun",
        "tenant_id",
        "environment",
        "begun_at",
        postgresql_where=text("outcome IS NULL"),
    ),
)

target_locks = _scoped(
    "target_locks",
    _words("target"),
    _id("execution_id"),
    _instant("until"),
    key=("target",),
)

write_counts = _scoped(
    "write_counts",
    _words("kind"),
    _words("name"),
    _instant("bucket_at"),
    _count("count"),
    key=("kind", "name", "bucket_at"),
)

reversions = _scoped(
    "reversions",
    _id(),
    _id("task_id"),
    _id("proposal_id"),
    _id("execution_id"),
    _instant("due_at"),
    _words("state"),
    _count("tries"),
    _count("waits"),
    _instant("next_try_at"),
    _words("reason"),
    _instant("created_at"),
    _instant("updated_at"),
    _instant("vain_since", nullable=True),
    _instant("reason_at", nullable=True),
    _of("tasks", "task_id"),
    _of("proposals", "proposal_id"),
    _of("executions", "execution_id"),
    _one_of("state", ReversionState),
    UniqueConstraint("tenant_id", "environment", "proposal_id"),
    Index(
        "ix_reversions_due",
        "next_try_at",
        postgresql_where=text("state IN ('scheduled', 'running', 'applied')"),
    ),
)

vault = _scoped(
    "vault",
    _id("task_id"),
    _words("placeholder"),
    _words("kind"),
    _words("fingerprint"),
    Column("ciphertext", LargeBinary, nullable=False),
    _instant("created_at"),
    _of("tasks", "task_id"),
    UniqueConstraint("tenant_id", "environment", "task_id", "fingerprint"),
    key=("task_id", "placeholder"),
)

inbox = _scoped(
    "inbox",
    _id(),
    _words("source"),
    _words("delivery_id"),
    _words("kind"),
    _json("payload"),
    _words("state"),
    _count("attempts"),
    _count("faults"),
    _instant("lease_until", nullable=True),
    _words("error", nullable=True),
    _instant("received_at"),
    _instant("handled_at", nullable=True),
    UniqueConstraint("tenant_id", "environment", "source", "delivery_id"),
    Index(
        "ix_inbox_pending",
        "received_at",
        postgresql_where=text("state = 'pending'"),
    ),
)

threads = _scoped(
    "threads",
    _id("task_id"),
    _words("channel"),
    _words("ts", nullable=True),
    _words("lease_owner", nullable=True),
    _instant("lease_until", nullable=True),
    _instant("not_before_at", nullable=True),
    _of("tasks", "task_id"),
    Index(
        "ix_threads_ts",
        "tenant_id",
        "environment",
        "channel",
        "ts",
        postgresql_where=text("ts IS NOT NULL"),
    ),
    key=("task_id",),
)

messages = _scoped(
    "messages",
    _id("task_id"),
    _words("slot"),
    _words("channel"),
    _words("ts"),
    Column("version", Integer, nullable=False),
    _instant("created_at"),
    _instant("updated_at"),
    _of("tasks", "task_id"),
    key=("task_id", "slot"),
)

outbox = _scoped(
    "outbox",
    _id(),
    _id("task_id"),
    _words("destination"),
    _words("slot"),
    Column("version", Integer, nullable=False),
    _words("kind"),
    Column("lane", SmallInteger, nullable=False),
    _json("payload"),
    _words("state"),
    _count("attempts"),
    _words("error", nullable=True),
    _instant("created_at"),
    _instant("sent_at", nullable=True),
    _of("tasks", "task_id"),
    UniqueConstraint("tenant_id", "environment", "task_id", "slot", "version"),
    Index(
        "ix_outbox_pending",
        "created_at",
        postgresql_where=text("state IN ('pending', 'sending')"),
    ),
    Index(
        "ix_outbox_pages",
        "created_at",
        postgresql_where=text("destination = 'page'"),
    ),
    Index(
        "ix_outbox_home",
        "created_at",
        postgresql_where=text("destination = 'home'"),
    ),
)

ledger = _scoped(
    "ledger",
    _id(),
    _id("task_id", nullable=True),
    Column("task_seq", Integer),
    _words("event"),
    _words("actor"),
    _words("body"),
    _instant("at"),
    Column("xid", Xid8(), nullable=False, server_default=text("pg_current_xact_id()")),
    # `autopilot db after-restore` raises the default.
    _count("epoch"),
    Index("ix_ledger_xid", "xid"),
    Index(
        "ix_ledger_about_itself",
        "tenant_id",
        "at",
        postgresql_where=text("event LIKE 'ledger.%'"),
    ),
    Index("ix_ledger_at", "tenant_id", "at", "id"),
    Index("ix_ledger_actor", "tenant_id", "actor", "at", "id"),
    *(
        Index(
            f"ix_ledger_{name}",
            "tenant_id",
            text(f"(body::jsonb ->> '{name}'::text)"),
            "at",
            "id",
            postgresql_where=text("event LIKE 'task.%'"),
        )
        for name in ("tool", "rule")
    ),
    Index(
        "ix_ledger_words",
        # As the catalogue writes it: `alembic check` compares texts.
        text(
            "to_tsvector('simple'::regconfig, (((event || ' '::text) || actor)"
            " || ' '::text) || body)"
        ),
        postgresql_using="gin",
    ),
    Index("ix_ledger_task", "tenant_id", "environment", "task_id", "task_seq"),
)

ledger_seals = _scoped(
    "ledger_seals",
    Column("seq", BigInteger, nullable=False),
    _id("ledger_id"),
    Column("leaf", LargeBinary, nullable=False),
    Column("previous", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    _instant("sealed_at"),
    ForeignKeyConstraint(
        ["tenant_id", "environment", "ledger_id"],
        ["ledger.tenant_id", "ledger.environment", "ledger.id"],
    ),
    UniqueConstraint("tenant_id", "seq"),
    UniqueConstraint("tenant_id", "environment", "ledger_id"),
    Index("uq_ledger_seals_ledger_id", "ledger_id", unique=True),
    key=("seq",),
)

ledger_checkpoints = _scoped(
    "ledger_checkpoints",
    Column("size", BigInteger, nullable=False),
    Column("root", LargeBinary, nullable=False),
    Column("frontier", LargeBinary, nullable=False),
    Column("epoch", Integer, nullable=False),
    _words("key"),
    _words("note"),
    _instant("made_at"),
    UniqueConstraint("tenant_id", "size"),
    key=("size",),
)

ledger_anchors = _scoped(
    "ledger_anchors",
    Column("size", BigInteger, nullable=False),
    _words("anchor"),
    _instant("anchored_at"),
    ForeignKeyConstraint(
        ["tenant_id", "environment", "size"],
        [
            "ledger_checkpoints.tenant_id",
            "ledger_checkpoints.environment",
            "ledger_checkpoints.size",
        ],
    ),
    key=("size", "anchor"),
)

relays = _scoped(
    "relays",
    _words("bus"),
    Column("seq", BigInteger, nullable=False),
    key=("bus",),
)

"""The walls: roles, grants, row-level security, insert-only tables, bells, dispatch."""

from alembic import op

revision = "0002"
down_revision = "0001"

# Frozen copies of storage/grants.py as of this migration.
ROLES = ("web", "gateway", "worker", "courier", "sealer")
GRANTS = {
    "web": {
        "tenants": "S", "slack_teams": "S", "webhook_endpoints": "S", "freezes": "S",
        "alerts": "SIU", "tasks": "SIU", "task_alerts": "SI", "runs": "S",
        "tool_calls": "S", "evidence": "S", "proposals": "SU", "decisions": "S",
        "approvals": "S", "executions": "S", "inbox": "SIU", "threads": "SI",
        "messages": "S", "outbox": "SI", "ledger": "SI",
    },
    "gateway": {
        "tenants": "S", "freezes": "SU", "policy_bundles": "SI", "alerts": "S",
        "tasks": "SU", "task_alerts": "S", "runs": "SIU", "tool_calls": "SIU",
        "evidence": "SI", "journal": "SI", "proposals": "SIU", "decisions": "SI",
        "approvals": "SIU", "executions": "SIU", "target_locks": "SIUD",
        "write_limits": "SIU", "vault": "SI", "inbox": "SU", "threads": "S",
        "messages": "S", "outbox": "SI", "ledger": "SI",
    },
    "worker": {
        "tenants": "S", "freezes": "S", "alerts": "SIU", "tasks": "SIU",
        "task_alerts": "SI", "runs": "SIU", "evidence": "S", "proposals": "SU",
        "decisions": "S", "approvals": "S", "executions": "S", "inbox": "SIU",
        "threads": "SI", "messages": "S", "outbox": "SI", "ledger": "SI",
    },
    "courier": {
        "tenants": "S", "tasks": "SU", "proposals": "SU", "threads": "SU",
        "messages": "SIU", "outbox": "SU", "ledger": "SI",
    },
    "sealer": {
        "tenants": "S", "ledger": "S", "ledger_seals": "SI", "relays": "SIU",
    },
}
VERBS = {"S": "SELECT", "I": "INSERT", "U": "UPDATE", "D": "DELETE"}
TABLES = (
    "tenants", "slack_teams", "webhook_endpoints", "freezes", "policy_bundles",
    "alerts", "tasks", "task_alerts", "runs", "tool_calls", "evidence", "journal",
    "proposals", "decisions", "approvals", "executions", "target_locks",
    "write_limits", "vault", "inbox", "threads", "messages", "outbox", "ledger",
    "ledger_seals", "relays",
)
INSERT_ONLY = ("ledger", "ledger_seals", "evidence", "decisions", "journal", "policy_bundles")
RUNG = {
    "tasks": "INSERT OR UPDATE OF state",
    "inbox": "INSERT",
    "outbox": "INSERT",
    "ledger": "INSERT",
}
SEEN = (
    "tenant_id = nullif(current_setting('app.tenant', true), '') AND environment = "
    "ANY (string_to_array(nullif(current_setting('app.environments', true), ''), ','))"
)
DISPATCH = {
    "tenants": "SELECT", "slack_teams": "SELECT", "webhook_endpoints": "SELECT",
    "tasks": "SELECT, UPDATE", "proposals": "SELECT", "inbox": "SELECT, UPDATE",
    "threads": "SELECT, UPDATE", "outbox": "SELECT",
}

FUNCTIONS = {
    ("find_webhook(source text, slug text, digests text[])", ("web",)): """
        RETURNS TABLE (tenant_id text, environment text, id uuid)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
          SELECT w.tenant_id, w.environment, w.id FROM webhook_endpoints w
          WHERE w.source = $1 AND w.slug = $2 AND w.token_digests && $3
        $$""",
    ("find_team(team text)", ("web", "worker")): """
        RETURNS TABLE (tenant_id text, environment text)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
          SELECT s.tenant_id, s.environment FROM slack_teams s WHERE s.team_id = $1
          ORDER BY s.environment
        $$""",
    ("find_scope(kind text, id uuid)", ("web", "gateway", "worker")): """
        RETURNS TABLE (tenant_id text, environment text)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
          SELECT t.tenant_id, t.environment FROM tasks t WHERE $1 = 'task' AND t.id = $2
          UNION ALL
          SELECT p.tenant_id, p.environment FROM proposals p
          WHERE $1 = 'proposal' AND p.id = $2
        $$""",
    ("list_scopes()", ("web", "gateway", "worker", "sealer")): """
        RETURNS TABLE (tenant_id text, environment text)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
          SELECT t.tenant_id, t.environment FROM tenants t ORDER BY 1, 2
        $$""",
    (
        "claim_task(owner text, lease_seconds integer, slots integer, runs boolean)",
        ("worker",),
    ): """
        RETURNS TABLE (tenant_id text, environment text, id uuid, state text, fence bigint)
        LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
          -- One claim of a run at a time: the count of slots must see the last one.
          SELECT pg_advisory_xact_lock(7406912) WHERE $4;
          WITH pick AS (
            SELECT c.tenant_id, c.environment, c.id FROM tasks c
            WHERE (c.state = 'executing' OR (c.state = 'queued' AND $4 AND (
                SELECT count(*) FROM tasks r WHERE r.tenant_id = c.tenant_id
                AND r.state = 'running' AND r.lease_until > clock_timestamp()) < $3))
              AND (c.lease_until IS NULL OR c.lease_until < clock_timestamp())
              AND (c.next_attempt_at IS NULL OR c.next_attempt_at <= clock_timestamp())
            ORDER BY (c.state = 'executing') DESC, c.severity_rank, c.created_at
            LIMIT 1 FOR UPDATE SKIP LOCKED)
          UPDATE tasks t SET fence = t.fence + 1, lease_owner = $1,
            lease_until = clock_timestamp() + make_interval(secs => $2)
          FROM pick WHERE t.tenant_id = pick.tenant_id
            AND t.environment = pick.environment AND t.id = pick.id
          RETURNING t.tenant_id, t.environment, t.id, t.state, t.fence
        $$""",
    ("claim_inbox(lease_seconds integer)", ("worker",)): """
        RETURNS TABLE (tenant_id text, environment text, id uuid)
        LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
          WITH pick AS (
            SELECT c.tenant_id, c.environment, c.id FROM inbox c
            WHERE c.state = 'pending'
              AND (c.lease_until IS NULL OR c.lease_until < clock_timestamp())
            ORDER BY c.received_at LIMIT 1 FOR UPDATE SKIP LOCKED)
          UPDATE inbox i SET attempts = i.attempts + 1,
            lease_until = clock_timestamp() + make_interval(secs => $1)
          FROM pick WHERE i.tenant_id = pick.tenant_id
            AND i.environment = pick.environment AND i.id = pick.id
          RETURNING i.tenant_id, i.environment, i.id
        $$""",
    ("claim_thread(owner text, lease_seconds integer)", ("courier",)): """
        RETURNS TABLE (tenant_id text, environment text, task_id uuid)
        LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
          WITH pick AS (
            SELECT h.tenant_id, h.environment, h.task_id FROM outbox o
            JOIN threads h ON h.tenant_id = o.tenant_id
              AND h.environment = o.environment AND h.task_id = o.task_id
            WHERE o.state IN ('pending', 'sending')
              AND (h.lease_until IS NULL OR h.lease_until < clock_timestamp())
              AND (h.not_before_at IS NULL OR h.not_before_at <= clock_timestamp())
            ORDER BY o.lane, o.created_at LIMIT 1 FOR UPDATE OF h SKIP LOCKED)
          UPDATE threads t SET lease_owner = $1,
            lease_until = clock_timestamp() + make_interval(secs => $2)
          FROM pick WHERE t.tenant_id = pick.tenant_id
            AND t.environment = pick.environment AND t.task_id = pick.task_id
          RETURNING t.tenant_id, t.environment, t.task_id
        $$""",
    ("find_due(most integer)", ("worker",)): """
        RETURNS TABLE (kind text, tenant_id text, environment text, id uuid)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
          (SELECT 'lease', t.tenant_id, t.environment, t.id FROM tasks t
           WHERE t.state = 'running' AND t.lease_until < clock_timestamp() LIMIT $1)
          UNION ALL
          (SELECT 'backoff', t.tenant_id, t.environment, t.id FROM tasks t
           WHERE t.state = 'failed_retryable'
             AND t.next_attempt_at <= clock_timestamp() LIMIT $1)
          UNION ALL
          (SELECT 'quiet', t.tenant_id, t.environment, t.id FROM tasks t
           WHERE t.state IN ('queued', 'running', 'needs_approval', 'failed_retryable')
             AND t.quiet_at <= clock_timestamp() LIMIT $1)
          UNION ALL
          (SELECT 'expiry', p.tenant_id, p.environment, p.id FROM proposals p
           WHERE p.state IN ('needs_approval', 'drafted', 'approved')
             AND least(p.expires_at, p.latest_at) <= clock_timestamp() LIMIT $1)
        $$""",
}


def _make_roles() -> None:
    for role in (*ROLES, "dispatcher"):
        op.execute(
            f"DO $$ BEGIN CREATE ROLE autopilot_{role} NOLOGIN; "
            "EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        )
    op.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC")
    op.execute(
        "DO $$ BEGIN EXECUTE format('GRANT ALL ON SCHEMA public TO %I', current_user);"
        " END $$"
    )
    for role in ROLES:
        op.execute(f"GRANT USAGE ON SCHEMA public TO autopilot_{role}")


def _wall(table: str) -> None:
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    roles = ", ".join(f"autopilot_{role}" for role in ROLES if table in GRANTS[role])
    if roles:
        op.execute(
            f"CREATE POLICY scope ON {table} TO {roles} USING ({SEEN}) "
            f"WITH CHECK ({SEEN})"
        )
    op.execute(
        f"CREATE POLICY backfill ON {table} TO CURRENT_USER USING (true) "
        "WITH CHECK (true)"
    )
    if table in DISPATCH:
        op.execute(
            f"CREATE POLICY dispatch ON {table} TO autopilot_dispatcher USING (true) "
            "WITH CHECK (true)"
        )
        op.execute(f"GRANT {DISPATCH[table]} ON {table} TO autopilot_dispatcher")
    for role in ROLES:
        verbs = ", ".join(VERBS[letter] for letter in GRANTS[role].get(table, ""))
        if verbs:
            op.execute(f"GRANT {verbs} ON {table} TO autopilot_{role}")


def _make_insert_only() -> None:
    op.execute(
        """
        CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql
        SET search_path = public, pg_temp AS $$
        BEGIN
          RAISE EXCEPTION '% on % is refused: rows here are only ever added',
            TG_OP, TG_TABLE_NAME USING ERRCODE = 'insufficient_privilege';
        END $$
        """
    )
    for table in INSERT_ONLY:
        op.execute(
            f"CREATE TRIGGER keep BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )


def _make_bells() -> None:
    op.execute(
        """
        CREATE FUNCTION ring() RETURNS trigger LANGUAGE plpgsql
        SET search_path = public, pg_temp AS $$
        BEGIN
          PERFORM pg_notify('autopilot_' || TG_TABLE_NAME, '');
          RETURN NULL;
        END $$
        """
    )
    for table, when in RUNG.items():
        op.execute(
            f"CREATE TRIGGER bell AFTER {when} ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION ring()"
        )


def _make_dispatch() -> None:
    op.execute("GRANT autopilot_dispatcher TO CURRENT_USER")
    op.execute("GRANT USAGE, CREATE ON SCHEMA public TO autopilot_dispatcher")
    for (signature, roles), body in FUNCTIONS.items():
        name = signature.split("(", 1)[0]
        op.execute(f"CREATE FUNCTION {signature} {body}")
        op.execute(f"ALTER FUNCTION {name} OWNER TO autopilot_dispatcher")
        op.execute(f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC")
        for role in roles:
            op.execute(f"GRANT EXECUTE ON FUNCTION {name} TO autopilot_{role}")
    op.execute("REVOKE CREATE ON SCHEMA public FROM autopilot_dispatcher")


def upgrade() -> None:
    _make_roles()
    for table in TABLES:
        _wall(table)
    _make_insert_only()
    _make_bells()
    _make_dispatch()


def downgrade() -> None:
    raise RuntimeError("the walls are never taken down; restore a backup instead")

"""Undo and reversions, a freeze with scopes, write counts by name, evidence pictures."""

from alembic import op

revision = "0003"
down_revision = "0002"

SEEN = (
    "tenant_id = nullif(current_setting('app.tenant', true), '') AND environment = "
    "ANY (string_to_array(nullif(current_setting('app.environments', true), ''), ','))"
)
TABLES = {
    "write_counts": """
        tenant_id text NOT NULL, environment text NOT NULL, kind text NOT NULL,
        name text NOT NULL, bucket_at timestamptz NOT NULL,
        count integer NOT NULL DEFAULT 0,
        CONSTRAINT pk_write_counts
          PRIMARY KEY (tenant_id, environment, kind, name, bucket_at),
        CONSTRAINT fk_write_counts_tenants FOREIGN KEY (tenant_id, environment)
          REFERENCES tenants (tenant_id, environment)
    """,
    "reversions": """
        tenant_id text NOT NULL, environment text NOT NULL, id uuid NOT NULL,
        task_id uuid NOT NULL, proposal_id uuid NOT NULL, execution_id uuid NOT NULL,
        due_at timestamptz NOT NULL, state text NOT NULL,
        tries integer NOT NULL DEFAULT 0, waits integer NOT NULL DEFAULT 0, next_try_at timestamptz NOT NULL,
        reason text NOT NULL, created_at timestamptz NOT NULL,
        updated_at timestamptz NOT NULL,
        CONSTRAINT pk_reversions PRIMARY KEY (tenant_id, environment, id),
        CONSTRAINT fk_reversions_tenants FOREIGN KEY (tenant_id, environment)
          REFERENCES tenants (tenant_id, environment),
        CONSTRAINT fk_reversions_tasks FOREIGN KEY (tenant_id, environment, task_id)
          REFERENCES tasks (tenant_id, environment, id),
        CONSTRAINT fk_reversions_proposals
          FOREIGN KEY (tenant_id, environment, proposal_id)
          REFERENCES proposals (tenant_id, environment, id),
        CONSTRAINT fk_reversions_executions
          FOREIGN KEY (tenant_id, environment, execution_id)
          REFERENCES executions (tenant_id, environment, id),
        CONSTRAINT ck_reversions_state CHECK (state IN ('scheduled', 'running',
          'applied', 'done', 'skipped', 'cancelled', 'failed')),
        CONSTRAINT uq_reversions_tenant_id_environment_proposal_id
          UNIQUE (tenant_id, environment, proposal_id)
    """,
}
ROLES = {
    "write_counts": {"gateway": "SELECT, INSERT, UPDATE"},
    "reversions": {"gateway": "SELECT, INSERT, UPDATE", "worker": "SELECT, INSERT"},
}


# What a worker claims for its gateway, which serves one environment.
DISPATCH = {
    "find_reversions(most integer, environment text)": """
        RETURNS TABLE (tenant_id text, environment text, id uuid)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
          SELECT r.tenant_id, r.environment, r.id FROM reversions r
          WHERE r.state IN ('scheduled', 'running', 'applied') AND r.environment = $2
            AND r.next_try_at <= clock_timestamp() ORDER BY r.next_try_at LIMIT $1
        $$""",
    """claim_task(owner text, lease_seconds integer, slots integer, runs boolean,
        environment text)""": """
        RETURNS TABLE (tenant_id text, environment text, id uuid, state text, fence bigint)
        LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
          -- One claim of a run at a time: the count of slots must see the last one.
          SELECT pg_advisory_xact_lock(7406912) WHERE $4;
          WITH pick AS (
            SELECT c.tenant_id, c.environment, c.id FROM tasks c
            WHERE c.environment = $5
              AND (c.state = 'executing' OR (c.state = 'queued' AND $4 AND (
                SELECT count(*) FROM tasks r WHERE r.tenant_id = c.tenant_id
                AND r.environment = c.environment
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
    "claim_inbox(lease_seconds integer, environment text)": """
        RETURNS TABLE (tenant_id text, environment text, id uuid)
        LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
          WITH pick AS (
            SELECT c.tenant_id, c.environment, c.id FROM inbox c
            WHERE c.state = 'pending' AND c.environment = $2
              AND (c.lease_until IS NULL OR c.lease_until < clock_timestamp())
            ORDER BY c.received_at LIMIT 1 FOR UPDATE SKIP LOCKED)
          UPDATE inbox i SET attempts = i.attempts + 1,
            lease_until = clock_timestamp() + make_interval(secs => $1)
          FROM pick WHERE i.tenant_id = pick.tenant_id
            AND i.environment = pick.environment AND i.id = pick.id
          RETURNING i.tenant_id, i.environment, i.id
        $$""",
}


def _make_tables() -> None:
    for table, columns in TABLES.items():
        op.execute(f"CREATE TABLE {table} ({columns})")
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        roles = ", ".join(f"autopilot_{role}" for role in ROLES[table])
        op.execute(
            f"CREATE POLICY scope ON {table} TO {roles} USING ({SEEN}) "
            f"WITH CHECK ({SEEN})"
        )
        op.execute(
            f"CREATE POLICY backfill ON {table} TO CURRENT_USER USING (true) "
            "WITH CHECK (true)"
        )
        for role, verbs in ROLES[table].items():
            op.execute(f"GRANT {verbs} ON {table} TO autopilot_{role}")
    op.execute(
        "CREATE INDEX ix_reversions_due ON reversions (next_try_at) "
        "WHERE state IN ('scheduled', 'running', 'applied')"
    )
    # Counts of at most an hour: nothing is lost with them, and a gateway of the release
    # before begins no write without its table.
    op.execute("DROP TABLE write_limits")


def _add_columns() -> None:
    op.execute("ALTER TABLE freezes ADD COLUMN scopes jsonb NOT NULL DEFAULT '{}'")
    op.execute("ALTER TABLE freezes ADD COLUMN undo_too boolean NOT NULL DEFAULT false")
    op.execute("ALTER TABLE executions ADD COLUMN not_before timestamptz")
    op.execute("ALTER TABLE tasks ADD COLUMN linked_to uuid")
    op.execute("ALTER TABLE tasks ADD COLUMN likeness real[]")
    op.execute("ALTER TABLE proposals ADD COLUMN undoes uuid")
    op.execute("ALTER TABLE evidence ADD COLUMN picture bytea")
    op.execute("ALTER TABLE evidence ADD COLUMN picture_alt text")
    op.execute(
        "CREATE INDEX ix_proposals_undoes ON proposals (tenant_id, environment, undoes)"
        " WHERE undoes IS NOT NULL"
    )
    op.execute(
        "CREATE INDEX ix_executions_begun ON executions (tenant_id, environment, "
        "begun_at) WHERE outcome IS NULL"
    )


def _make_dispatch() -> None:
    op.execute(
        "CREATE POLICY dispatch ON reversions TO autopilot_dispatcher USING (true) "
        "WITH CHECK (true)"
    )
    op.execute("GRANT SELECT ON reversions TO autopilot_dispatcher")
    # A worker of the release before claims nothing until it is started anew.
    op.execute("DROP FUNCTION claim_task(text, integer, integer, boolean)")
    op.execute("DROP FUNCTION claim_inbox(integer)")
    op.execute("GRANT CREATE ON SCHEMA public TO autopilot_dispatcher")
    for signature, body in DISPATCH.items():
        name = signature.split("(")[0]
        op.execute(f"CREATE FUNCTION {signature} {body}")
        op.execute(f"ALTER FUNCTION {name} OWNER TO autopilot_dispatcher")
        op.execute(f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {name} TO autopilot_worker")
    op.execute("REVOKE CREATE ON SCHEMA public FROM autopilot_dispatcher")


def upgrade() -> None:
    _make_tables()
    _add_columns()
    _make_dispatch()
    op.execute("GRANT UPDATE ON freezes TO autopilot_web")
    op.execute("GRANT INSERT ON tasks, threads TO autopilot_gateway")
    op.execute("GRANT UPDATE ON vault TO autopilot_gateway")


def downgrade() -> None:
    raise RuntimeError("the walls are never taken down; restore a backup instead")

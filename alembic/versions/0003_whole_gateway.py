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
    "reversions": {"gateway": "SELECT, INSERT, UPDATE", "worker": "SELECT"},
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
    op.execute("GRANT CREATE ON SCHEMA public TO autopilot_dispatcher")
    op.execute(
        """
        CREATE FUNCTION find_reversions(most integer)
        RETURNS TABLE (tenant_id text, environment text, id uuid)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
          SELECT r.tenant_id, r.environment, r.id FROM reversions r
          WHERE r.state IN ('scheduled', 'running', 'applied')
            AND r.next_try_at <= clock_timestamp() ORDER BY r.next_try_at LIMIT $1
        $$
        """
    )
    op.execute("ALTER FUNCTION find_reversions OWNER TO autopilot_dispatcher")
    op.execute("REVOKE ALL ON FUNCTION find_reversions FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION find_reversions TO autopilot_worker")
    op.execute("REVOKE CREATE ON SCHEMA public FROM autopilot_dispatcher")


def upgrade() -> None:
    _make_tables()
    _add_columns()
    _make_dispatch()
    op.execute("GRANT UPDATE ON freezes TO autopilot_web")
    op.execute("GRANT INSERT ON tasks, threads TO autopilot_gateway")


def downgrade() -> None:
    raise RuntimeError("the walls are never taken down; restore a backup instead")

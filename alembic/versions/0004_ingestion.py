"""Groups that wait, silences, storms, endpoints with secrets; clicks count faults."""

from alembic import op

revision = "0004"
down_revision = "0003"

SEEN = (
    "tenant_id = nullif(current_setting('app.tenant', true), '') AND environment = "
    "ANY (string_to_array(nullif(current_setting('app.environments', true), ''), ','))"
)
TABLES = {
    "silences": """
        tenant_id text NOT NULL, environment text NOT NULL, id uuid NOT NULL,
        labels jsonb NOT NULL, reason text NOT NULL, by text NOT NULL,
        starts_at timestamptz NOT NULL, ends_at timestamptz NOT NULL, ended_by text,
        CONSTRAINT pk_silences PRIMARY KEY (tenant_id, environment, id),
        CONSTRAINT fk_silences_tenants FOREIGN KEY (tenant_id, environment)
          REFERENCES tenants (tenant_id, environment)
    """,
    "alert_rates": """
        tenant_id text NOT NULL, environment text NOT NULL, channel text NOT NULL,
        bucket_at timestamptz NOT NULL, alerts integer NOT NULL DEFAULT 0,
        opened integer NOT NULL DEFAULT 0, paced integer NOT NULL DEFAULT 0,
        most integer NOT NULL DEFAULT 10,
        CONSTRAINT pk_alert_rates
          PRIMARY KEY (tenant_id, environment, channel, bucket_at),
        CONSTRAINT fk_alert_rates_tenants FOREIGN KEY (tenant_id, environment)
          REFERENCES tenants (tenant_id, environment)
    """,
    "storms": """
        tenant_id text NOT NULL, environment text NOT NULL, task_id uuid NOT NULL,
        channel text NOT NULL, started_at timestamptz NOT NULL,
        last_over_at timestamptz NOT NULL, look_at timestamptz NOT NULL,
        ended_at timestamptz, alerts integer NOT NULL DEFAULT 0,
        folded integer NOT NULL DEFAULT 0, calm_seconds integer NOT NULL DEFAULT 0,
        threads_per_minute integer NOT NULL DEFAULT 0,
        CONSTRAINT pk_storms PRIMARY KEY (tenant_id, environment, task_id),
        CONSTRAINT fk_storms_tenants FOREIGN KEY (tenant_id, environment)
          REFERENCES tenants (tenant_id, environment),
        CONSTRAINT fk_storms_tasks FOREIGN KEY (tenant_id, environment, task_id)
          REFERENCES tasks (tenant_id, environment, id)
    """,
}
ROLES = {
    "silences": {"web": "SELECT, INSERT, UPDATE", "worker": "SELECT"},
    "alert_rates": {
        "web": "SELECT, INSERT, UPDATE, DELETE",
        "worker": "SELECT, INSERT, UPDATE, DELETE",
    },
    "storms": {"web": "SELECT, INSERT, UPDATE", "worker": "SELECT, UPDATE"},
}

CLAIM_TASK = """
    CREATE OR REPLACE FUNCTION claim_task(owner text, lease_seconds integer,
      slots integer, runs boolean, environment text)
    RETURNS TABLE (tenant_id text, environment text, id uuid, state text, fence bigint)
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
      -- One claim of a run at a time: the count of slots must see the last one.
      SELECT pg_advisory_xact_lock(7406912) WHERE $4;
      WITH pick AS (
        SELECT c.tenant_id, c.environment, c.id FROM tasks c
        WHERE c.environment = $5 AND c.opens_at IS NULL
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
    $$
"""
FIND_DUE = """
    CREATE OR REPLACE FUNCTION find_due(most integer)
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
      UNION ALL
      -- A few of each channel, whose pace admits no more: no backlog starves another.
      (SELECT 'opening', d.tenant_id, d.environment, d.id FROM (
         SELECT t.tenant_id, t.environment, t.id, t.severity_rank, t.opens_at,
           row_number() OVER (PARTITION BY t.tenant_id, t.environment, t.channel
             ORDER BY t.severity_rank, t.opens_at) AS turn FROM tasks t
         WHERE t.closed_at IS NULL AND (t.opens_at <= clock_timestamp()
           OR (t.opens_at IS NOT NULL AND t.waits_for LIKE 'silence:%' AND NOT EXISTS (
             SELECT FROM silences s WHERE s.tenant_id = t.tenant_id
             AND s.environment = t.environment AND s.ends_at > clock_timestamp()
             AND s.id = substr(t.waits_for, 9)::uuid)))) d
       WHERE d.turn <= 5 ORDER BY d.turn, d.severity_rank, d.opens_at LIMIT $1)
      UNION ALL
      (SELECT 'storm', s.tenant_id, s.environment, s.task_id FROM storms s
       WHERE s.ended_at IS NULL AND s.look_at <= clock_timestamp() LIMIT $1)
    $$
"""
CLAIM_INBOX = """
    CREATE OR REPLACE FUNCTION claim_inbox(lease_seconds integer, environment text)
    RETURNS TABLE (tenant_id text, environment text, id uuid)
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
      WITH pick AS (
        SELECT c.tenant_id, c.environment, c.id FROM inbox c
        WHERE c.state = 'pending' AND c.environment = $2
          AND (c.lease_until IS NULL OR c.lease_until < clock_timestamp())
          -- Several are settled at once; those on one proposal in their order.
          AND NOT EXISTS (SELECT FROM inbox o WHERE o.state = 'pending'
            AND o.tenant_id = c.tenant_id AND o.environment = c.environment
            AND o.received_at < c.received_at
            AND o.payload->>'proposal_id' = c.payload->>'proposal_id')
        ORDER BY c.received_at LIMIT 1 FOR UPDATE SKIP LOCKED)
      UPDATE inbox i SET attempts = i.attempts + 1,
        lease_until = clock_timestamp() + make_interval(secs => $1)
      FROM pick WHERE i.tenant_id = pick.tenant_id
        AND i.environment = pick.environment AND i.id = pick.id
      RETURNING i.tenant_id, i.environment, i.id
    $$
"""
FIND_LEFT = """
    CREATE FUNCTION find_left(most integer, environment text)
    RETURNS TABLE (tenant_id text, environment text, id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
      SELECT DISTINCT t.tenant_id, t.environment, t.id FROM proposals p
      JOIN tasks t ON t.tenant_id = p.tenant_id AND t.environment = p.environment
        AND t.id = p.task_id
      WHERE p.state IN ('executing', 'verifying') AND p.environment = $2
        AND t.state <> 'executing' LIMIT $1
    $$
"""
FIND_ENDPOINT = """
    CREATE FUNCTION find_endpoint(source text, slug text)
    RETURNS TABLE (tenant_id text, environment text, id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
      SELECT w.tenant_id, w.environment, w.id FROM webhook_endpoints w
      WHERE w.source = $1 AND w.slug = $2
    $$
"""


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
        "CREATE INDEX ix_silences_ends ON silences (tenant_id, environment, ends_at)"
    )
    op.execute(
        "CREATE UNIQUE INDEX uq_storms_channel ON storms (tenant_id, environment, "
        "channel) WHERE ended_at IS NULL"
    )


def _add_columns() -> None:
    # Constant defaults: Postgres rewrites no row, and the release before sets none.
    op.execute("ALTER TABLE inbox ADD COLUMN faults integer NOT NULL DEFAULT 0")
    op.execute("ALTER TABLE tasks ADD COLUMN opens_at timestamptz")
    op.execute("ALTER TABLE tasks ADD COLUMN waits_for text")
    op.execute("ALTER TABLE tasks ADD COLUMN held_until timestamptz")
    op.execute("ALTER TABLE tasks ADD COLUMN alerts integer NOT NULL DEFAULT 0")
    op.execute("ALTER TABLE tasks ADD COLUMN people text[] NOT NULL DEFAULT '{}'")
    for column in ("sealed_secrets", "topics"):
        op.execute(
            f"ALTER TABLE webhook_endpoints ADD COLUMN {column} text[] "
            "NOT NULL DEFAULT '{}'"
        )
    op.execute("ALTER TABLE webhook_endpoints ADD COLUMN rotated_at timestamptz")
    op.execute(
        "CREATE INDEX ix_tasks_waiting ON tasks (opens_at) "
        "WHERE opens_at IS NOT NULL AND closed_at IS NULL"
    )
    op.execute(
        "CREATE INDEX ix_proposals_under_way ON proposals (environment) "
        "WHERE state IN ('executing', 'verifying')"
    )
    op.execute(
        "CREATE INDEX ix_tasks_last ON tasks (tenant_id, environment, group_key, "
        "closed_at) WHERE closed_at IS NOT NULL"
    )


def _make_dispatch() -> None:
    op.execute(
        "CREATE POLICY dispatch ON storms TO autopilot_dispatcher USING (true) "
        "WITH CHECK (true)"
    )
    op.execute("GRANT SELECT ON storms TO autopilot_dispatcher")
    op.execute(
        "CREATE POLICY dispatch ON silences TO autopilot_dispatcher USING (true) "
        "WITH CHECK (true)"
    )
    op.execute("GRANT SELECT ON silences TO autopilot_dispatcher")
    op.execute("GRANT CREATE ON SCHEMA public TO autopilot_dispatcher")
    # A function belongs to the dispatcher, and only its owner may replace it.
    op.execute("SET LOCAL ROLE autopilot_dispatcher")
    op.execute(CLAIM_TASK)
    op.execute(CLAIM_INBOX)
    op.execute(FIND_DUE)
    op.execute(FIND_ENDPOINT)
    op.execute(FIND_LEFT)
    op.execute("RESET ROLE")
    op.execute("REVOKE ALL ON FUNCTION find_endpoint FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION find_endpoint TO autopilot_web")
    op.execute("REVOKE ALL ON FUNCTION find_left FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION find_left TO autopilot_worker")
    op.execute("REVOKE CREATE ON SCHEMA public FROM autopilot_dispatcher")


def upgrade() -> None:
    _make_tables()
    _add_columns()
    _make_dispatch()


def downgrade() -> None:
    raise RuntimeError("the walls are never taken down; restore a backup instead")

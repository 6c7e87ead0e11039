"""Cards go to the next roles, a page has an end, and people grant for a while."""

from alembic import op

revision = "0009"
down_revision = "0008"

# Half of its time is over, and nobody was reminded. Of several in one card the first
# speaks for the others, here and below.
FIND_REMINDERS = """
    CREATE OR REPLACE FUNCTION find_reminders(most integer)
    RETURNS TABLE (tenant_id text, environment text, id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
      SELECT p.tenant_id, p.environment, p.id FROM proposals p
      JOIN tasks t ON t.tenant_id = p.tenant_id AND t.environment = p.environment
        AND t.id = p.task_id
      WHERE p.state IN ('needs_approval', 'drafted') AND p.reminded_at IS NULL
        AND t.muted_by IS NULL AND p.expires_at
        - make_interval(secs => p.expires_in_seconds / 2.0) <= clock_timestamp()
        AND NOT EXISTS (SELECT FROM proposals s WHERE s.tenant_id = p.tenant_id
          AND s.environment = p.environment AND s.task_id = p.task_id
          AND s.folded_in = p.folded_in AND s.id < p.id
          AND s.state IN ('needs_approval', 'drafted'))
      LIMIT $1
    $$
"""
# Three eighths of its time are left, and its rule names who is asked next.
FIND_ESCALATIONS = """
    CREATE FUNCTION find_escalations(most integer)
    RETURNS TABLE (tenant_id text, environment text, id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
      SELECT p.tenant_id, p.environment, p.id FROM proposals p
      JOIN tasks t ON t.tenant_id = p.tenant_id AND t.environment = p.environment
        AND t.id = p.task_id
      WHERE p.state IN ('needs_approval', 'drafted') AND p.escalated_at IS NULL
        AND p.next_roles <> '[]' AND t.muted_by IS NULL AND p.expires_at
        - make_interval(secs => p.expires_in_seconds * 0.375) <= clock_timestamp()
      LIMIT $1
    $$
"""
# A quarter of its time is left, or Slack has not taken it for three minutes.
FIND_UNANSWERED = """
    CREATE OR REPLACE FUNCTION find_unanswered(most integer)
    RETURNS TABLE (tenant_id text, environment text, id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
      SELECT p.tenant_id, p.environment, p.id FROM proposals p
      JOIN tasks t ON t.tenant_id = p.tenant_id AND t.environment = p.environment
        AND t.id = p.task_id
      WHERE p.state IN ('needs_approval', 'drafted') AND t.muted_by IS NULL
        AND coalesce(p.expires_at - make_interval(secs => p.expires_in_seconds / 4.0),
          p.created_at + interval '3 minutes') <= clock_timestamp()
        AND NOT EXISTS (SELECT FROM outbox o WHERE o.tenant_id = p.tenant_id
          AND o.environment = p.environment AND o.task_id = p.task_id
          AND o.slot = 'page:' || p.id)
        AND NOT EXISTS (SELECT FROM proposals s WHERE s.tenant_id = p.tenant_id
          AND s.environment = p.environment AND s.task_id = p.task_id
          AND s.folded_in = p.folded_in AND s.id < p.id
          AND s.state IN ('needs_approval', 'drafted'))
      LIMIT $1
    $$
"""
# A call of its page may have reached the pager, and the card needs nobody any more. A
# card lives a day at most; a page let go before its first call called nobody.
FIND_PAGES_OVER = """
    CREATE FUNCTION find_pages_over(most integer)
    RETURNS TABLE (tenant_id text, environment text, id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
      SELECT p.tenant_id, p.environment, p.id FROM outbox o
      JOIN proposals p ON p.tenant_id = o.tenant_id AND p.environment = o.environment
        AND p.id = (o.payload->>'proposal_id')::uuid
      WHERE o.destination = 'page' AND o.kind = 'page'
        AND o.created_at > clock_timestamp() - interval '2 days'
        AND (o.state IN ('sent', 'dead') OR (o.state = 'superseded' AND o.attempts > 1))
        AND p.state NOT IN ('needs_approval', 'drafted')
        AND NOT EXISTS (SELECT FROM outbox e WHERE e.tenant_id = o.tenant_id
          AND e.environment = o.environment AND e.task_id = o.task_id
          AND e.slot = 'page_over:' || p.id)
      LIMIT $1
    $$
"""
OVERRIDES = """
    tenant_id text NOT NULL,
    environment text NOT NULL,
    id uuid NOT NULL,
    task_id uuid NOT NULL,
    proposal_id uuid NOT NULL,
    tool text NOT NULL,
    kind text NOT NULL,
    service text NOT NULL,
    person text NOT NULL,
    most integer NOT NULL,
    used_by jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    withdrawn_by text,
    withdrawn_at timestamptz,
    CONSTRAINT pk_autonomy_overrides PRIMARY KEY (tenant_id, environment, id),
    CONSTRAINT fk_autonomy_overrides_tenants FOREIGN KEY (tenant_id, environment)
      REFERENCES tenants (tenant_id, environment),
    CONSTRAINT fk_autonomy_overrides_tasks
      FOREIGN KEY (tenant_id, environment, task_id)
      REFERENCES tasks (tenant_id, environment, id),
    CONSTRAINT fk_autonomy_overrides_proposals
      FOREIGN KEY (tenant_id, environment, proposal_id)
      REFERENCES proposals (tenant_id, environment, id)
"""
VIEWS = """
    tenant_id text NOT NULL,
    environment text NOT NULL,
    proposal_id uuid NOT NULL,
    person text NOT NULL,
    opened_at timestamptz NOT NULL,
    CONSTRAINT pk_evidence_views
      PRIMARY KEY (tenant_id, environment, proposal_id, person),
    CONSTRAINT fk_evidence_views_tenants FOREIGN KEY (tenant_id, environment)
      REFERENCES tenants (tenant_id, environment),
    CONSTRAINT fk_evidence_views_proposals
      FOREIGN KEY (tenant_id, environment, proposal_id)
      REFERENCES proposals (tenant_id, environment, id)
"""
SEEN = (
    "tenant_id = nullif(current_setting('app.tenant', true), '') AND "
    "environment = ANY (string_to_array(nullif(current_setting('app.environments', "
    "true), ''), ','))"
)
NEW = ("find_escalations", "find_pages_over")


def _make_overrides() -> None:
    op.execute(f"CREATE TABLE autonomy_overrides ({OVERRIDES})")
    op.execute("ALTER TABLE autonomy_overrides ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE autonomy_overrides FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY scope ON autonomy_overrides TO autopilot_gateway, "
        f"autopilot_web, autopilot_worker USING ({SEEN}) WITH CHECK ({SEEN})"
    )
    op.execute(
        "CREATE POLICY backfill ON autonomy_overrides TO CURRENT_USER USING (true) "
        "WITH CHECK (true)"
    )
    op.execute("GRANT SELECT, INSERT, UPDATE ON autonomy_overrides TO autopilot_gateway")
    op.execute("GRANT SELECT, UPDATE ON autonomy_overrides TO autopilot_web")
    op.execute("GRANT SELECT ON autonomy_overrides TO autopilot_worker")
    for name, column in (("expires", "expires_at"), ("proposal", "proposal_id")):
        op.execute(
            f"CREATE INDEX ix_autonomy_overrides_{name} ON autonomy_overrides "
            f"(tenant_id, environment, {column})"
        )


def _measure_votes() -> None:
    op.execute(
        "ALTER TABLE approvals ADD COLUMN after_seconds double precision,"
        " ADD COLUMN evidence_opened boolean,"
        " ADD COLUMN worn boolean NOT NULL DEFAULT false"
    )
    op.execute(
        "CREATE INDEX ix_approvals_person ON approvals "
        "(tenant_id, environment, person, created_at)"
    )
    op.execute(f"CREATE TABLE evidence_views ({VIEWS})")
    op.execute("ALTER TABLE evidence_views ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE evidence_views FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY scope ON evidence_views TO autopilot_gateway, autopilot_web "
        f"USING ({SEEN}) WITH CHECK ({SEEN})"
    )
    op.execute(
        "CREATE POLICY backfill ON evidence_views TO CURRENT_USER USING (true) "
        "WITH CHECK (true)"
    )
    op.execute("GRANT SELECT ON evidence_views TO autopilot_gateway")
    op.execute("GRANT SELECT, INSERT ON evidence_views TO autopilot_web")


def upgrade() -> None:
    op.execute(
        "ALTER TABLE proposals ADD COLUMN next_roles jsonb NOT NULL DEFAULT '[]',"
        " ADD COLUMN next_people jsonb NOT NULL DEFAULT '[]',"
        " ADD COLUMN escalated_at timestamptz, ADD COLUMN grant_offer jsonb,"
        " ADD COLUMN barred text, ADD COLUMN alike text NOT NULL DEFAULT '',"
        " ADD COLUMN folded_in uuid"
    )
    _make_overrides()
    _measure_votes()
    op.execute(
        "CREATE INDEX ix_outbox_pages ON outbox (created_at)"
        " WHERE destination = 'page'"
    )
    op.execute("GRANT CREATE ON SCHEMA public TO autopilot_dispatcher")
    op.execute("SET LOCAL ROLE autopilot_dispatcher")
    for made in (FIND_REMINDERS, FIND_ESCALATIONS, FIND_UNANSWERED, FIND_PAGES_OVER):
        op.execute(made)
    op.execute("RESET ROLE")
    for name in NEW:
        op.execute(f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {name} TO autopilot_worker")
    op.execute("REVOKE CREATE ON SCHEMA public FROM autopilot_dispatcher")


def downgrade() -> None:
    raise RuntimeError("the walls are never taken down; restore a backup instead")

"""Eval cases, one for each edit and rejection; a card asked anew is paged anew."""

from alembic import op

revision = "0014"
down_revision = "0013"

SEEN = (
    "tenant_id = nullif(current_setting('app.tenant', true), '') AND environment = "
    "ANY (string_to_array(nullif(current_setting('app.environments', true), ''), ','))"
)
COLUMNS = """
    tenant_id text NOT NULL,
    environment text NOT NULL,
    id uuid NOT NULL,
    task_id uuid NOT NULL,
    proposal_id uuid NOT NULL,
    inbox_id uuid NOT NULL,
    kind text NOT NULL,
    agent text,
    agent_version integer,
    revision integer NOT NULL,
    tool text NOT NULL,
    tool_version integer NOT NULL,
    params jsonb NOT NULL,
    proposed_reason_code text NOT NULL,
    edited_params jsonb,
    diff jsonb,
    reason_code text NOT NULL,
    comment text NOT NULL,
    new_plan boolean NOT NULL,
    cited jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT pk_eval_cases PRIMARY KEY (tenant_id, environment, id),
    CONSTRAINT uq_eval_cases_tenant_id_environment_proposal_id
      UNIQUE (tenant_id, environment, proposal_id),
    CONSTRAINT ck_eval_cases_kind CHECK (kind IN ('edited', 'rejected')),
    CONSTRAINT fk_eval_cases_tenants FOREIGN KEY (tenant_id, environment)
      REFERENCES tenants (tenant_id, environment),
    CONSTRAINT fk_eval_cases_tasks FOREIGN KEY (tenant_id, environment, task_id)
      REFERENCES tasks (tenant_id, environment, id),
    CONSTRAINT fk_eval_cases_proposals
      FOREIGN KEY (tenant_id, environment, proposal_id)
      REFERENCES proposals (tenant_id, environment, id)
"""
# As in 0012, but for a card that was sent back: its page has a place of its own, as
# ``storage.posts`` names it.
PLACE = (
    "p.id || CASE WHEN p.asked_at IS NULL THEN '' ELSE ':' || left(p.digest, 16) END"
)
FIND_UNANSWERED = f"""
    CREATE OR REPLACE FUNCTION find_unanswered(most integer)
    RETURNS TABLE (tenant_id text, environment text, id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
      SELECT p.tenant_id, p.environment, p.id FROM proposals p
      JOIN tasks t ON t.tenant_id = p.tenant_id AND t.environment = p.environment
        AND t.id = p.task_id
      WHERE p.state IN ('needs_approval', 'drafted') AND t.muted_by IS NULL
        AND coalesce(p.expires_at - make_interval(secs => p.expires_in_seconds / 4.0),
          coalesce(p.asked_at, p.created_at) + interval '3 minutes')
          <= clock_timestamp()
        AND NOT EXISTS (SELECT FROM outbox o WHERE o.tenant_id = p.tenant_id
          AND o.environment = p.environment AND o.task_id = p.task_id
          AND o.slot = 'page:' || {PLACE})
        AND NOT EXISTS (SELECT FROM proposals s WHERE s.tenant_id = p.tenant_id
          AND s.environment = p.environment AND s.task_id = p.task_id
          AND s.folded_in = p.folded_in AND s.id < p.id
          AND s.state IN ('needs_approval', 'drafted'))
      LIMIT $1
    $$
"""
# As in 0009, but a page of a card before is over though its proposal waits again.
FIND_PAGES_OVER = f"""
    CREATE OR REPLACE FUNCTION find_pages_over(most integer)
    RETURNS TABLE (tenant_id text, environment text, id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
      SELECT p.tenant_id, p.environment, p.id FROM outbox o
      JOIN proposals p ON p.tenant_id = o.tenant_id AND p.environment = o.environment
        AND p.id = (o.payload->>'proposal_id')::uuid
      WHERE o.destination = 'page' AND o.kind = 'page'
        AND o.created_at > clock_timestamp() - interval '2 days'
        AND (o.state IN ('sent', 'dead') OR (o.state = 'superseded' AND o.attempts > 1))
        AND (p.state NOT IN ('needs_approval', 'drafted')
          OR o.slot <> 'page:' || {PLACE})
        AND NOT EXISTS (SELECT FROM outbox e WHERE e.tenant_id = o.tenant_id
          AND e.environment = o.environment AND e.task_id = o.task_id
          AND e.slot = 'page_over:' || substr(o.slot, 6))
      LIMIT $1
    $$
"""


def upgrade() -> None:
    _make_cases()
    op.execute("GRANT CREATE ON SCHEMA public TO autopilot_dispatcher")
    op.execute("SET LOCAL ROLE autopilot_dispatcher")
    op.execute(FIND_UNANSWERED)
    op.execute(FIND_PAGES_OVER)
    op.execute("RESET ROLE")
    op.execute("REVOKE CREATE ON SCHEMA public FROM autopilot_dispatcher")


def _make_cases() -> None:
    op.execute(f"CREATE TABLE eval_cases ({COLUMNS})")
    op.execute(
        "CREATE INDEX ix_eval_cases_task"
        " ON eval_cases (tenant_id, environment, task_id)"
    )
    op.execute(
        "CREATE INDEX ix_eval_cases_agent"
        " ON eval_cases (tenant_id, environment, agent, id)"
    )
    op.execute("ALTER TABLE eval_cases ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE eval_cases FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY scope ON eval_cases TO autopilot_gateway, autopilot_web"
        f" USING ({SEEN}) WITH CHECK ({SEEN})"
    )
    op.execute(
        "CREATE POLICY backfill ON eval_cases TO CURRENT_USER USING (true) "
        "WITH CHECK (true)"
    )
    op.execute(
        "CREATE TRIGGER keep BEFORE UPDATE OR DELETE OR TRUNCATE ON eval_cases "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    op.execute("GRANT SELECT, INSERT ON eval_cases TO autopilot_gateway")
    op.execute("GRANT SELECT ON eval_cases TO autopilot_web")


def downgrade() -> None:
    raise RuntimeError("what people said is never dropped; restore a backup instead")

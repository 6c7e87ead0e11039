"""A page is over once its task is muted, too."""

from alembic import op

revision = "0019"
down_revision = "0018"

PLACE = (
    "p.id || CASE WHEN p.asked_at IS NULL THEN '' ELSE ':' || left(p.digest, 16) END"
)
FIND_PAGES_OVER = f"""
    CREATE OR REPLACE FUNCTION find_pages_over(most integer)
    RETURNS TABLE (tenant_id text, environment text, id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
      SELECT p.tenant_id, p.environment, p.id FROM outbox o
      JOIN proposals p ON p.tenant_id = o.tenant_id AND p.environment = o.environment
        AND p.id = (o.payload->>'proposal_id')::uuid
      JOIN tasks t ON t.tenant_id = p.tenant_id AND t.environment = p.environment
        AND t.id = p.task_id
      WHERE o.destination = 'page' AND o.kind = 'page'
        AND o.created_at > clock_timestamp() - interval '2 days'
        AND (o.state IN ('sent', 'dead') OR (o.state = 'superseded' AND o.attempts > 1))
        AND (p.state NOT IN ('needs_approval', 'drafted') OR t.muted_by IS NOT NULL
          OR o.slot <> 'page:' || {PLACE})
        AND NOT EXISTS (SELECT FROM outbox e WHERE e.tenant_id = o.tenant_id
          AND e.environment = o.environment AND e.task_id = o.task_id
          AND e.slot = 'page_over:' || substr(o.slot, 6))
      LIMIT $1
    $$
"""
# As in 0014.
BEFORE = FIND_PAGES_OVER.replace(" OR t.muted_by IS NOT NULL", "")


def upgrade() -> None:
    _define(FIND_PAGES_OVER)


def downgrade() -> None:
    _define(BEFORE)


def _define(function: str) -> None:
    op.execute("GRANT CREATE ON SCHEMA public TO autopilot_dispatcher")
    op.execute("SET LOCAL ROLE autopilot_dispatcher")
    op.execute(function)
    op.execute("RESET ROLE")
    op.execute("REVOKE CREATE ON SCHEMA public FROM autopilot_dispatcher")

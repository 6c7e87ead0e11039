"""A card whose task was unmuted is reminded of and paged anew, in a place of its own."""

from alembic import op

revision = "0020"
down_revision = "0019"

_ASKED = (
    "p.id || CASE WHEN p.asked_at IS NULL THEN '' ELSE ':' || left(p.digest, 16) END"
)
# As ``storage.posts`` names it.
PLACE = (
    f"{_ASKED} || CASE WHEN p.unmuted = 0 THEN '' ELSE '\\:again' || p.unmuted END"
)
# As in 0014, but for the place.
FIND_UNANSWERED = """
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
# As in 0019, but for the place.
FIND_PAGES_OVER = """
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


def upgrade() -> None:
    op.execute("ALTER TABLE proposals ADD COLUMN unmuted integer NOT NULL DEFAULT 0")
    _define(PLACE)


def downgrade() -> None:
    _define(_ASKED)
    op.execute("ALTER TABLE proposals DROP COLUMN unmuted")


def _define(place: str) -> None:
    op.execute("GRANT CREATE ON SCHEMA public TO autopilot_dispatcher")
    op.execute("SET LOCAL ROLE autopilot_dispatcher")
    op.execute(FIND_UNANSWERED.replace("{PLACE}", place))
    op.execute(FIND_PAGES_OVER.replace("{PLACE}", place))
    op.execute("RESET ROLE")
    op.execute("REVOKE CREATE ON SCHEMA public FROM autopilot_dispatcher")

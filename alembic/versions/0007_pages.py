"""Pages: what nobody answers in Slack leaves for a pager, through the outbox."""

from alembic import op

revision = "0007"
down_revision = "0006"


# A card with a quarter of its time left, or one that Slack has not taken for three
# minutes; each is paged once.
FIND_UNANSWERED = """
    CREATE FUNCTION find_unanswered(most integer)
    RETURNS TABLE (tenant_id text, environment text, id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
      SELECT p.tenant_id, p.environment, p.id FROM proposals p
      JOIN tasks t ON t.tenant_id = p.tenant_id AND t.environment = p.environment
        AND t.id = p.task_id
      WHERE p.state = 'needs_approval' AND t.muted_by IS NULL
        AND coalesce(p.expires_at - make_interval(secs => p.expires_in_seconds / 4.0),
          p.created_at + interval '3 minutes') <= clock_timestamp()
        AND NOT EXISTS (SELECT FROM outbox o WHERE o.tenant_id = p.tenant_id
          AND o.environment = p.environment AND o.task_id = p.task_id
          AND o.slot = 'page:' || p.id)
      LIMIT $1
    $$
"""
FIND_PAGES = """
    CREATE FUNCTION find_pages(most integer, environment text)
    RETURNS TABLE (tenant_id text, environment text, id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
      SELECT o.tenant_id, o.environment, o.id FROM outbox o
      WHERE o.destination = 'page' AND o.state IN ('pending', 'sending')
        AND o.environment = $2 ORDER BY random() LIMIT $1
    $$
"""
# Any two hundred of them: no one that stays starves the rest.
FIND_LEFT = """
    CREATE OR REPLACE FUNCTION find_left(most integer, environment text)
    RETURNS TABLE (tenant_id text, environment text, id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
      SELECT * FROM (
        SELECT DISTINCT t.tenant_id, t.environment, t.id FROM proposals p
        JOIN tasks t ON t.tenant_id = p.tenant_id AND t.environment = p.environment
          AND t.id = p.task_id
        WHERE p.state IN ('executing', 'verifying') AND p.environment = $2
          AND t.state <> 'executing') found
      ORDER BY random() LIMIT $1
    $$
"""
# The courier takes what leaves for Slack, and nothing else.
CLAIM_THREAD = """
    CREATE OR REPLACE FUNCTION claim_thread(owner text, lease_seconds integer)
    RETURNS TABLE (tenant_id text, environment text, task_id uuid)
    LANGUAGE sql VOLATILE SECURITY DEFINER SET search_path = public, pg_temp AS $$
      WITH pick AS (
        SELECT h.tenant_id, h.environment, h.task_id FROM outbox o
        JOIN threads h ON h.tenant_id = o.tenant_id
          AND h.environment = o.environment AND h.task_id = o.task_id
        WHERE o.state IN ('pending', 'sending') AND o.destination = 'slack'
          AND (h.lease_until IS NULL OR h.lease_until < clock_timestamp())
          AND (h.not_before_at IS NULL OR h.not_before_at <= clock_timestamp())
        ORDER BY o.lane, o.created_at LIMIT 1 FOR UPDATE OF h SKIP LOCKED)
      UPDATE threads t SET lease_owner = $1,
        lease_until = clock_timestamp() + make_interval(secs => $2)
      FROM pick WHERE t.tenant_id = pick.tenant_id
        AND t.environment = pick.environment AND t.task_id = pick.task_id
      RETURNING t.tenant_id, t.environment, t.task_id
    $$
"""
FUNCTIONS = {
    "find_unanswered": "worker",
    "find_pages": "worker",
}


def upgrade() -> None:
    op.execute("GRANT CREATE ON SCHEMA public TO autopilot_dispatcher")
    op.execute("SET LOCAL ROLE autopilot_dispatcher")
    for made in (FIND_UNANSWERED, FIND_PAGES, FIND_LEFT, CLAIM_THREAD):
        op.execute(made)
    op.execute("RESET ROLE")
    for name, role in FUNCTIONS.items():
        op.execute(f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION {name} TO autopilot_{role}")
    op.execute("REVOKE CREATE ON SCHEMA public FROM autopilot_dispatcher")
    op.execute("GRANT UPDATE ON outbox TO autopilot_gateway")


def downgrade() -> None:
    raise RuntimeError("the walls are never taken down; restore a backup instead")

"""What waits for a silence says behind it what else holds it."""

from alembic import op

revision = "0008"
down_revision = "0007"

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
             AND s.id = split_part(t.waits_for, ':', 2)::uuid)))) d
       WHERE d.turn <= 5 ORDER BY d.turn, d.severity_rank, d.opens_at LIMIT $1)
      UNION ALL
      (SELECT 'storm', s.tenant_id, s.environment, s.task_id FROM storms s
       WHERE s.ended_at IS NULL AND s.look_at <= clock_timestamp() LIMIT $1)
    $$
"""


def upgrade() -> None:
    op.execute("GRANT CREATE ON SCHEMA public TO autopilot_dispatcher")
    op.execute("SET LOCAL ROLE autopilot_dispatcher")
    op.execute(FIND_DUE)
    op.execute("RESET ROLE")
    op.execute("REVOKE CREATE ON SCHEMA public FROM autopilot_dispatcher")


def downgrade() -> None:
    raise RuntimeError("the walls are never taken down; restore a backup instead")

"""A click in Home is answered there; a task knows its owner's Slack id."""

from alembic import op

revision = "0016"
down_revision = "0015"

FIND_HOME_ANSWERS = """
    CREATE FUNCTION find_home_answers(most integer)
    RETURNS TABLE (tenant_id text, environment text, id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
      SELECT o.tenant_id, o.environment, o.id FROM outbox o
      WHERE o.destination = 'home' AND o.state IN ('pending', 'sending')
        AND coalesce((o.payload->>'held_until')::float8, 0)
          <= extract(epoch FROM clock_timestamp())
      ORDER BY random() LIMIT $1
    $$
"""


def upgrade() -> None:
    # First, and for itself: what follows is one transaction, this is none.
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = 0")
        op.execute("DROP INDEX CONCURRENTLY IF EXISTS ix_outbox_home")
        op.execute(
            "CREATE INDEX CONCURRENTLY ix_outbox_home ON outbox (created_at)"
            " WHERE destination = 'home'"
        )
        op.execute("SET lock_timeout = '5s'")
    op.execute("ALTER TABLE tasks ADD COLUMN owner_slack text")
    op.execute("GRANT CREATE ON SCHEMA public TO autopilot_dispatcher")
    op.execute("SET LOCAL ROLE autopilot_dispatcher")
    op.execute(FIND_HOME_ANSWERS)
    op.execute("RESET ROLE")
    op.execute("REVOKE ALL ON FUNCTION find_home_answers FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION find_home_answers TO autopilot_web")
    op.execute("REVOKE CREATE ON SCHEMA public FROM autopilot_dispatcher")
    op.execute("GRANT UPDATE ON outbox TO autopilot_web")


def downgrade() -> None:
    op.execute("ALTER TABLE tasks DROP COLUMN owner_slack")
    op.execute("REVOKE UPDATE ON outbox FROM autopilot_web")
    op.execute("DROP FUNCTION find_home_answers")
    op.execute("DROP INDEX ix_outbox_home")

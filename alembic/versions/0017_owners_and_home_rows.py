"""Web changes answers in Home alone; who took a task before 0016 is known by their id."""

from alembic import op

revision = "0017"
down_revision = "0016"

# The click that made them owner says who they are to Slack; nothing else here does.
_OWNERS = """
    UPDATE tasks SET owner_slack = took.slack
    FROM (
      SELECT DISTINCT ON (tenant_id, environment, payload->>'task')
        tenant_id, environment, payload->>'task' AS task, payload->>'user' AS slack
      FROM inbox WHERE kind = 'act' AND payload->>'act' = 'take'
      ORDER BY tenant_id, environment, payload->>'task', received_at DESC
    ) AS took
    WHERE tasks.tenant_id = took.tenant_id AND tasks.environment = took.environment
      AND tasks.id::text = took.task AND tasks.takeover_by IS NOT NULL
      AND tasks.owner_slack IS NULL AND tasks.closed_at IS NULL
"""


def upgrade() -> None:
    # For itself: what follows waits for the outbox, whose writers want these tasks.
    with op.get_context().autocommit_block():
        op.execute(_OWNERS)
    op.execute("REVOKE UPDATE ON outbox FROM autopilot_web")
    op.execute(
        "GRANT UPDATE (state, attempts, payload, error, sent_at) ON outbox"
        " TO autopilot_web"
    )
    op.execute(
        "CREATE POLICY web_changes_home ON outbox AS RESTRICTIVE FOR UPDATE"
        " TO autopilot_web USING (destination = 'home')"
    )


def downgrade() -> None:
    op.execute("DROP POLICY web_changes_home ON outbox")
    op.execute("REVOKE UPDATE ON outbox FROM autopilot_web")
    op.execute(
        "REVOKE UPDATE (state, attempts, payload, error, sent_at) ON outbox"
        " FROM autopilot_web"
    )
    op.execute("GRANT UPDATE ON outbox TO autopilot_web")

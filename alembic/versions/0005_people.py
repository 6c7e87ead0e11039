"""What people do in Slack: the web process reads reversions for the cards it moves."""

from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.execute(
        "ALTER POLICY scope ON reversions TO autopilot_gateway, autopilot_worker, "
        "autopilot_web"
    )
    op.execute("GRANT SELECT ON reversions TO autopilot_web")
    # A word in a thread is about its task.
    op.execute(
        "CREATE INDEX ix_threads_ts ON threads (tenant_id, environment, channel, ts) "
        "WHERE ts IS NOT NULL"
    )


def downgrade() -> None:
    raise RuntimeError("the walls are never taken down; restore a backup instead")

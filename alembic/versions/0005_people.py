"""What people see and do in Slack: pictures, words in threads, tasks taken over."""

from alembic import op

revision = "0005"
down_revision = "0004"


SEEN = (
    "tenant_id = nullif(current_setting('app.tenant', true), '') AND environment = "
    "ANY (string_to_array(nullif(current_setting('app.environments', true), ''), ','))"
)
PICTURES = """
    tenant_id text NOT NULL, environment text NOT NULL, id uuid NOT NULL,
    task_id uuid NOT NULL, png bytea, alt text NOT NULL, file_id text,
    CONSTRAINT pk_pictures PRIMARY KEY (tenant_id, environment, id),
    CONSTRAINT fk_pictures_tenants FOREIGN KEY (tenant_id, environment)
      REFERENCES tenants (tenant_id, environment),
    CONSTRAINT fk_pictures_tasks FOREIGN KEY (tenant_id, environment, task_id)
      REFERENCES tasks (tenant_id, environment, id)
"""


def _make_pictures() -> None:
    op.execute(f"CREATE TABLE pictures ({PICTURES})")
    op.execute("ALTER TABLE pictures ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE pictures FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY scope ON pictures TO autopilot_gateway, autopilot_courier "
        f"USING ({SEEN}) WITH CHECK ({SEEN})"
    )
    op.execute(
        "CREATE POLICY backfill ON pictures TO CURRENT_USER USING (true) "
        "WITH CHECK (true)"
    )
    op.execute("GRANT SELECT, INSERT ON pictures TO autopilot_gateway")
    op.execute("GRANT SELECT, UPDATE ON pictures TO autopilot_courier")
    op.execute(
        "CREATE INDEX ix_pictures_task ON pictures (tenant_id, environment, task_id)"
    )


def upgrade() -> None:
    _make_pictures()
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

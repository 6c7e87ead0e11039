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


# A card whose time is half over and that nobody decided on; once each.
FIND_REMINDERS = """
    CREATE FUNCTION find_reminders(most integer)
    RETURNS TABLE (tenant_id text, environment text, id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
      SELECT p.tenant_id, p.environment, p.id FROM proposals p
      JOIN tasks t ON t.tenant_id = p.tenant_id AND t.environment = p.environment
        AND t.id = p.task_id
      WHERE p.state = 'needs_approval' AND p.reminded_at IS NULL
        AND t.muted_by IS NULL AND p.expires_at
        - make_interval(secs => p.expires_in_seconds / 2.0) <= clock_timestamp()
      LIMIT $1
    $$
"""


def _remind() -> None:
    op.execute("ALTER TABLE proposals ADD COLUMN reminded_at timestamptz")
    op.execute("ALTER TABLE tasks ADD COLUMN muted_by text")
    op.execute("GRANT CREATE ON SCHEMA public TO autopilot_dispatcher")
    op.execute("SET LOCAL ROLE autopilot_dispatcher")
    op.execute(FIND_REMINDERS)
    op.execute("RESET ROLE")
    op.execute("REVOKE ALL ON FUNCTION find_reminders FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION find_reminders TO autopilot_worker")
    op.execute("REVOKE CREATE ON SCHEMA public FROM autopilot_dispatcher")


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
    _remind()
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

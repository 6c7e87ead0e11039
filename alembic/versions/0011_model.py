"""Questions to a model: what each cost, and its answer, once for each step of a run."""

from alembic import op

revision = "0011"
down_revision = "0010"

SEEN = (
    "tenant_id = nullif(current_setting('app.tenant', true), '') AND environment = "
    "ANY (string_to_array(nullif(current_setting('app.environments', true), ''), ','))"
)
COLUMNS = """
    tenant_id text NOT NULL,
    environment text NOT NULL,
    id uuid NOT NULL,
    task_id uuid NOT NULL,
    run_id uuid NOT NULL,
    step text NOT NULL,
    model text NOT NULL,
    request_digest text NOT NULL,
    state text NOT NULL,
    input_tokens integer NOT NULL,
    output_tokens integer NOT NULL,
    cost_microusd bigint NOT NULL,
    seconds double precision NOT NULL,
    answer jsonb,
    fault text,
    error text,
    begun_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    finished_at timestamptz,
    CONSTRAINT pk_model_calls PRIMARY KEY (tenant_id, environment, id),
    CONSTRAINT uq_model_calls_tenant_id_environment_run_id_step
      UNIQUE (tenant_id, environment, run_id, step),
    CONSTRAINT ck_model_calls_state
      CHECK (state IN ('begun', 'answered', 'failed')),
    CONSTRAINT fk_model_calls_tenants FOREIGN KEY (tenant_id, environment)
      REFERENCES tenants (tenant_id, environment),
    CONSTRAINT fk_model_calls_tasks FOREIGN KEY (tenant_id, environment, task_id)
      REFERENCES tasks (tenant_id, environment, id),
    CONSTRAINT fk_model_calls_runs FOREIGN KEY (tenant_id, environment, run_id)
      REFERENCES runs (tenant_id, environment, id)
"""


def upgrade() -> None:
    # A constant default: Postgres rewrites no row.
    op.execute("ALTER TABLE tasks ADD COLUMN cost_microusd bigint NOT NULL DEFAULT 0")
    op.execute(f"CREATE TABLE model_calls ({COLUMNS})")
    op.execute(
        "CREATE INDEX ix_model_calls_task"
        " ON model_calls (tenant_id, environment, task_id)"
    )
    op.execute(
        "CREATE INDEX ix_model_calls_day"
        " ON model_calls (tenant_id, environment, begun_at)"
    )
    op.execute("ALTER TABLE model_calls ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE model_calls FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY scope ON model_calls"
        " TO autopilot_gateway, autopilot_web, autopilot_worker"
        f" USING ({SEEN}) WITH CHECK ({SEEN})"
    )
    op.execute(
        "CREATE POLICY backfill ON model_calls TO CURRENT_USER USING (true) "
        "WITH CHECK (true)"
    )
    op.execute("GRANT SELECT, INSERT, UPDATE ON model_calls TO autopilot_gateway")
    op.execute("GRANT SELECT ON model_calls TO autopilot_web, autopilot_worker")


def downgrade() -> None:
    raise RuntimeError("what was paid is never dropped; restore a backup instead")

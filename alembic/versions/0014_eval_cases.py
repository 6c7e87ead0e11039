"""Eval cases: what people changed or rejected, one row for each, only ever added."""

from alembic import op

revision = "0014"
down_revision = "0013"

SEEN = (
    "tenant_id = nullif(current_setting('app.tenant', true), '') AND environment = "
    "ANY (string_to_array(nullif(current_setting('app.environments', true), ''), ','))"
)
COLUMNS = """
    tenant_id text NOT NULL,
    environment text NOT NULL,
    id uuid NOT NULL,
    task_id uuid NOT NULL,
    proposal_id uuid NOT NULL,
    inbox_id uuid NOT NULL,
    kind text NOT NULL,
    agent text,
    agent_version integer,
    revision integer NOT NULL,
    tool text NOT NULL,
    tool_version integer NOT NULL,
    params jsonb NOT NULL,
    proposed_reason_code text NOT NULL,
    edited_params jsonb,
    diff jsonb,
    reason_code text NOT NULL,
    comment text NOT NULL,
    new_plan boolean NOT NULL,
    cited jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT pk_eval_cases PRIMARY KEY (tenant_id, environment, id),
    CONSTRAINT uq_eval_cases_tenant_id_environment_proposal_id
      UNIQUE (tenant_id, environment, proposal_id),
    CONSTRAINT ck_eval_cases_kind CHECK (kind IN ('edited', 'rejected')),
    CONSTRAINT fk_eval_cases_tenants FOREIGN KEY (tenant_id, environment)
      REFERENCES tenants (tenant_id, environment),
    CONSTRAINT fk_eval_cases_tasks FOREIGN KEY (tenant_id, environment, task_id)
      REFERENCES tasks (tenant_id, environment, id),
    CONSTRAINT fk_eval_cases_proposals
      FOREIGN KEY (tenant_id, environment, proposal_id)
      REFERENCES proposals (tenant_id, environment, id)
"""


def upgrade() -> None:
    op.execute(f"CREATE TABLE eval_cases ({COLUMNS})")
    op.execute(
        "CREATE INDEX ix_eval_cases_task"
        " ON eval_cases (tenant_id, environment, task_id)"
    )
    op.execute(
        "CREATE INDEX ix_eval_cases_agent"
        " ON eval_cases (tenant_id, environment, agent, id)"
    )
    op.execute("ALTER TABLE eval_cases ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE eval_cases FORCE ROW LEVEL SECURITY")
    op.execute(
        "CREATE POLICY scope ON eval_cases TO autopilot_gateway, autopilot_web"
        f" USING ({SEEN}) WITH CHECK ({SEEN})"
    )
    op.execute(
        "CREATE POLICY backfill ON eval_cases TO CURRENT_USER USING (true) "
        "WITH CHECK (true)"
    )
    op.execute(
        "CREATE TRIGGER keep BEFORE UPDATE OR DELETE OR TRUNCATE ON eval_cases "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )
    op.execute("GRANT SELECT, INSERT ON eval_cases TO autopilot_gateway")
    op.execute("GRANT SELECT ON eval_cases TO autopilot_web")


def downgrade() -> None:
    raise RuntimeError("what people said is never dropped; restore a backup instead")

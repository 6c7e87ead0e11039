"""Cards are asked anew; a void vote makes room; one click is one; grants have a risk."""

from alembic import op

revision = "0012"
down_revision = "0011"

# As in 0009, but for a card that was sent back: its three minutes begin anew.
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
          AND o.slot = 'page:' || p.id)
        AND NOT EXISTS (SELECT FROM proposals s WHERE s.tenant_id = p.tenant_id
          AND s.environment = p.environment AND s.task_id = p.task_id
          AND s.folded_in = p.folded_in AND s.id < p.id
          AND s.state IN ('needs_approval', 'drafted'))
      LIMIT $1
    $$
"""


def upgrade() -> None:
    op.execute("ALTER TABLE proposals ADD COLUMN asked_at timestamptz")
    op.execute(
        "ALTER TABLE approvals ADD COLUMN click text NOT NULL DEFAULT '',"
        " DROP CONSTRAINT uq_approvals_tenant_id_environment_proposal_id_person"
    )
    op.execute(
        "CREATE UNIQUE INDEX uq_approvals_standing ON approvals"
        " (tenant_id, environment, proposal_id, person) WHERE NOT void"
    )
    # A grant without one covers nothing: 0 is below every risk.
    op.execute(
        "ALTER TABLE autonomy_overrides ADD COLUMN most_risk smallint NOT NULL"
        " DEFAULT 0"
    )
    op.execute(
        "UPDATE autonomy_overrides o SET most_risk = p.risk FROM proposals p"
        " WHERE p.tenant_id = o.tenant_id AND p.environment = o.environment"
        " AND p.id = o.proposal_id"
    )
    # How an agent version's last actions ended: part of the risk of its next.
    op.execute(
        "CREATE INDEX ix_proposals_record ON proposals"
        " (tenant_id, environment, proposed_by, created_at)"
        " WHERE state IN ('succeeded', 'failed', 'undone', 'outcome_unknown')"
    )
    op.execute("GRANT CREATE ON SCHEMA public TO autopilot_dispatcher")
    op.execute("SET LOCAL ROLE autopilot_dispatcher")
    op.execute(FIND_UNANSWERED)
    op.execute("RESET ROLE")
    op.execute("REVOKE CREATE ON SCHEMA public FROM autopilot_dispatcher")


def downgrade() -> None:
    raise RuntimeError("votes were given anew; restore a backup instead")

"""Signed checkpoints, their anchors, and the ledger's epoch."""

from alembic import op

revision = "0010"
down_revision = "0008"

SEEN = (
    "tenant_id = nullif(current_setting('app.tenant', true), '') AND environment = "
    "ANY (string_to_array(nullif(current_setting('app.environments', true), ''), ','))"
)
TABLES = {
    "ledger_checkpoints": """
        tenant_id text NOT NULL,
        environment text NOT NULL,
        size bigint NOT NULL,
        root bytea NOT NULL,
        frontier bytea NOT NULL,
        epoch integer NOT NULL,
        key text NOT NULL,
        note text NOT NULL,
        made_at timestamptz NOT NULL,
        CONSTRAINT pk_ledger_checkpoints PRIMARY KEY (tenant_id, environment, size),
        CONSTRAINT uq_ledger_checkpoints_tenant_id_size UNIQUE (tenant_id, size),
        CONSTRAINT fk_ledger_checkpoints_tenants FOREIGN KEY (tenant_id, environment)
          REFERENCES tenants (tenant_id, environment)
    """,
    "ledger_anchors": """
        tenant_id text NOT NULL,
        environment text NOT NULL,
        size bigint NOT NULL,
        anchor text NOT NULL,
        anchored_at timestamptz NOT NULL,
        CONSTRAINT pk_ledger_anchors
          PRIMARY KEY (tenant_id, environment, size, anchor),
        CONSTRAINT fk_ledger_anchors_ledger_checkpoints
          FOREIGN KEY (tenant_id, environment, size)
          REFERENCES ledger_checkpoints (tenant_id, environment, size),
        CONSTRAINT fk_ledger_anchors_tenants FOREIGN KEY (tenant_id, environment)
          REFERENCES tenants (tenant_id, environment)
    """,
}


def _make_table(table: str, columns: str) -> None:
    op.execute(f"CREATE TABLE {table} ({columns})")
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY scope ON {table} TO autopilot_sealer USING ({SEEN}) "
        f"WITH CHECK ({SEEN})"
    )
    op.execute(
        f"CREATE POLICY backfill ON {table} TO CURRENT_USER USING (true) "
        "WITH CHECK (true)"
    )
    op.execute(f"GRANT SELECT, INSERT ON {table} TO autopilot_sealer")
    op.execute(
        f"CREATE TRIGGER keep BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
    )


def upgrade() -> None:
    for table, columns in TABLES.items():
        _make_table(table, columns)
    # A constant default: Postgres rewrites no row. `db after-restore` raises it.
    op.execute("ALTER TABLE ledger ADD COLUMN epoch integer NOT NULL DEFAULT 0")
    # The sealer itself says when its key changes.
    op.execute("GRANT INSERT ON ledger TO autopilot_sealer")
    op.execute(
        "CREATE INDEX ix_ledger_about_itself ON ledger (tenant_id, at) "
        "WHERE event LIKE 'ledger.%'"
    )


def downgrade() -> None:
    raise RuntimeError("the ledger is never dropped; restore a backup instead")

"""Signed checkpoints, their anchors, the ledger's epoch, and search in it."""

from alembic import op

revision = "0010"
down_revision = "0009"

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

# What is personal never stands in a ledger in clear, so its words may be indexed. A
# body is JSON wherever the event is a task's.
WORDS = "to_tsvector('simple'::regconfig, event || ' ' || actor || ' ' || body)"
INDEXES = {
    "ix_ledger_at": "(tenant_id, at, id)",
    "ix_ledger_actor": "(tenant_id, actor, at, id)",
    "ix_ledger_tool": (
        "(tenant_id, ((body::jsonb) ->> 'tool'), at, id) "
        "WHERE event LIKE 'task.%'"
    ),
    "ix_ledger_rule": (
        "(tenant_id, ((body::jsonb) ->> 'rule'), at, id) "
        "WHERE event LIKE 'task.%'"
    ),
    "ix_ledger_words": f"USING gin ({WORDS})",
}
# Row-level security keeps `@@` from an index, since it is not leakproof; the dispatcher
# asks in its place, with the caller's own scope. Only what is asked for becomes part of
# the statement, so that each index can serve.
FIND_ENTRIES = """
    CREATE FUNCTION find_entries(wanted jsonb, most integer)
    RETURNS TABLE (tenant_id text, environment text, id uuid)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    DECLARE
      asked text := $q$ SELECT l.tenant_id, l.environment, l.id FROM ledger l
        WHERE l.tenant_id = current_setting('app.tenant', true) AND l.environment =
          ANY (string_to_array(current_setting('app.environments', true), ',')) $q$;
      -- `->>` is not leakproof, so behind row-level security the planner does not know
      -- that what it gives is the same in every row; so the order names it.
      ordered text := CASE
        WHEN wanted ? 'tool' THEN $q$ (l.body::jsonb) ->> 'tool' DESC, $q$
        WHEN wanted ? 'rule' THEN $q$ (l.body::jsonb) ->> 'rule' DESC, $q$
        ELSE '' END;
    BEGIN
      IF wanted ? 'actor' THEN
        asked := asked || $q$ AND l.actor = $1 ->> 'actor' $q$;
      END IF;
      IF wanted ? 'task' THEN
        asked := asked || $q$ AND l.task_id = ($1 ->> 'task')::uuid $q$;
      END IF;
      IF wanted ? 'event' THEN
        asked := asked || $q$ AND l.event = $1 ->> 'event' $q$;
      END IF;
      IF wanted ? 'tool' THEN
        asked := asked || $q$ AND l.event LIKE 'task.%'
          AND (l.body::jsonb) ->> 'tool' = $1 ->> 'tool' $q$;
      END IF;
      IF wanted ? 'rule' THEN
        asked := asked || $q$ AND l.event LIKE 'task.%'
          AND (l.body::jsonb) ->> 'rule' = $1 ->> 'rule' $q$;
      END IF;
      IF wanted ? 'target' THEN
        asked := asked || $q$ AND l.event LIKE 'task.%'
          AND to_tsvector('simple'::regconfig, l.event || ' ' || l.actor || ' '
            || l.body) @@ phraseto_tsquery('simple', $1 ->> 'target')
          AND jsonb_path_exists((l.body::jsonb) -> 'params', '$.** ? (@ == $t)',
            jsonb_build_object('t', $1 ->> 'target')) $q$;
      END IF;
      IF wanted ? 'text' THEN
        asked := asked || $q$
          AND to_tsvector('simple'::regconfig, l.event || ' ' || l.actor || ' '
            || l.body) @@ plainto_tsquery('simple', $1 ->> 'text') $q$;
      END IF;
      IF wanted ? 'since' THEN
        asked := asked || $q$ AND l.at >= ($1 ->> 'since')::timestamptz $q$;
      END IF;
      IF wanted ? 'until' THEN
        asked := asked || $q$ AND l.at < ($1 ->> 'until')::timestamptz $q$;
      END IF;
      IF wanted ? 'before' THEN
        asked := asked || $q$ AND (l.at, l.id) < (($1 ->> 'before_at')::timestamptz,
          ($1 ->> 'before')::uuid) $q$;
      END IF;
      RETURN QUERY EXECUTE
        asked || ' ORDER BY ' || ordered || ' l.at DESC, l.id DESC LIMIT $2'
        USING wanted, most;
    END $$
"""


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
    op.execute(
        "CREATE UNIQUE INDEX uq_ledger_seals_ledger_id ON ledger_seals (ledger_id)"
    )
    _make_search()
    # The pages of a case show that its entries are sealed.
    for table in ("ledger_seals", "ledger_checkpoints"):
        op.execute(
            f"ALTER POLICY scope ON {table} TO autopilot_sealer, autopilot_web"
        )
        op.execute(f"GRANT SELECT ON {table} TO autopilot_web")


def _make_search() -> None:
    for name, how in INDEXES.items():
        op.execute(f"CREATE INDEX {name} ON ledger {how}")
    op.execute(
        "CREATE POLICY dispatch ON ledger TO autopilot_dispatcher USING (true) "
        "WITH CHECK (true)"
    )
    op.execute("GRANT SELECT ON ledger TO autopilot_dispatcher")
    op.execute("GRANT CREATE ON SCHEMA public TO autopilot_dispatcher")
    op.execute("SET LOCAL ROLE autopilot_dispatcher")
    op.execute(FIND_ENTRIES)
    op.execute("RESET ROLE")
    op.execute("REVOKE ALL ON FUNCTION find_entries FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION find_entries TO autopilot_web")
    op.execute("REVOKE CREATE ON SCHEMA public FROM autopilot_dispatcher")


def downgrade() -> None:
    raise RuntimeError("the ledger is never dropped; restore a backup instead")

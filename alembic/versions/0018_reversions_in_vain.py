"""A reversion knows since when nothing has worked, and since when it says the same."""

from alembic import op

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    op.execute(
        "ALTER TABLE reversions ADD COLUMN vain_since timestamptz,"
        " ADD COLUMN reason_at timestamptz"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE reversions DROP COLUMN reason_at, DROP COLUMN vain_since")

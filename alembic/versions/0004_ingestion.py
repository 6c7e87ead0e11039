"""What intake keeps beside each delivery, and how often a click met a fault of ours."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    # A constant default: Postgres rewrites no row, and the release before writes none.
    op.execute("ALTER TABLE inbox ADD COLUMN faults integer NOT NULL DEFAULT 0")


def downgrade() -> None:
    raise RuntimeError("the walls are never taken down; restore a backup instead")

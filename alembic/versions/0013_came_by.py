"""An alert that a route moved knows the environment of its endpoint."""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    op.execute("ALTER TABLE alerts ADD COLUMN came_by text NOT NULL DEFAULT ''")


def downgrade() -> None:
    op.execute("ALTER TABLE alerts DROP COLUMN came_by")

"""An environment knows when it was last restored from a backup."""

from alembic import op

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.execute("ALTER TABLE freezes ADD COLUMN restored_at timestamptz")


def downgrade() -> None:
    op.execute("ALTER TABLE freezes DROP COLUMN restored_at")

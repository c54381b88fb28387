"""Ways to run, the reasons of steps, and what plans are made from"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def _columns() -> dict[str, list[sa.Column[Any]]]:
    return {
        "runs": [
            sa.Column("mode", sa.String(24), nullable=False, server_default="EXECUTE_ALL"),
            sa.Column("targets", sa.JSON(), nullable=False, server_default="[]"),
            sa.Column("fresh", sa.Boolean(), nullable=False, server_default=sa.false()),
            sa.Column("resumed_from", sa.String(32), nullable=True),
            sa.Column("history", sa.JSON(), nullable=False, server_default="[]"),
        ],
        "steps": [
            sa.Column("reason_code", sa.String(32), nullable=True),
            sa.Column("reason_arguments", sa.JSON(), nullable=False, server_default="{}"),
        ],
    }


def upgrade() -> None:
    # Added in place: copying a table to which rows of others refer is refused by SQLite.
    for table, columns in _columns().items():
        for column in columns:
            op.add_column(table, column)
    op.create_table(
        "latest_steps",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("node_id", sa.String(64), nullable=False),
        sa.Column("run_id", sa.String(32), nullable=False),
        sa.Column("component", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "node_id"),
    )
    op.create_table(
        "measurements",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("seconds", sa.JSON(), nullable=False),
        sa.Column("memory", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "name"),
    )


def downgrade() -> None:
    op.drop_table("measurements")
    op.drop_table("latest_steps")
    with op.batch_alter_table("steps") as steps:
        steps.drop_column("reason_arguments")
        steps.drop_column("reason_code")
    with op.batch_alter_table("runs") as runs:
        for name in ("history", "resumed_from", "fresh", "targets", "mode"):
            runs.drop_column(name)

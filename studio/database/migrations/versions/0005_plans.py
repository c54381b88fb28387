"""Ways to run, the reasons of steps, and what plans are made from"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("runs") as runs:
        runs.add_column(
            sa.Column("mode", sa.String(24), nullable=False, server_default="EXECUTE_ALL")
        )
        runs.add_column(sa.Column("targets", sa.JSON(), nullable=False, server_default="[]"))
        runs.add_column(sa.Column("fresh", sa.Boolean(), nullable=False, server_default=sa.false()))
        runs.add_column(sa.Column("resumed_from", sa.String(32), nullable=True))
        runs.add_column(sa.Column("history", sa.JSON(), nullable=False, server_default="[]"))
    with op.batch_alter_table("steps") as steps:
        steps.add_column(sa.Column("reason_code", sa.String(32), nullable=True))
        steps.add_column(
            sa.Column("reason_arguments", sa.JSON(), nullable=False, server_default="{}")
        )
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

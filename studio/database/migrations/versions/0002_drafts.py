"""Drafts of pipelines, and pipelines that are put away"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Every pipeline that is there already gets its newest version as its draft.
_FIRST_DRAFTS = """
INSERT INTO drafts (pipeline_id, document, digest, revision, base_version, updated_at)
SELECT p.id, v.document, v.digest, 1, v.version, p.updated_at
FROM pipelines p
JOIN pipeline_versions v ON v.pipeline_id = p.id AND v.version = p.version
"""


def upgrade() -> None:
    op.add_column("pipelines", sa.Column("deleted_at", sa.Float(), nullable=True))
    op.create_table(
        "drafts",
        sa.Column("pipeline_id", sa.String(length=32), nullable=False),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("base_version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(["pipeline_id"], ["pipelines.id"]),
        sa.PrimaryKeyConstraint("pipeline_id"),
    )
    op.execute(_FIRST_DRAFTS)


def downgrade() -> None:
    op.drop_table("drafts")
    op.drop_column("pipelines", "deleted_at")

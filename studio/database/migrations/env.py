"""Run by Alembic: migrate on the connection that `studio.database.engine.migrate` hands in."""

from alembic import context

from studio.database.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite changes a column by copying its table
)
context.run_migrations()

"""What the studio knows: pipelines, runs, steps, events, results; SQLite or PostgreSQL."""

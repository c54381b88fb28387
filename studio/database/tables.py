"""The tables, as SQLAlchemy Core. A change here needs a migration in `migrations/versions/`.

Times are seconds since 1970 in UTC; they are shown, never compared to decide a lease.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData()

# SQLite counts rows by itself only for INTEGER keys.
_Counter = BigInteger().with_variant(Integer(), "sqlite")

pipelines = Table(
    "pipelines",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("updated_at", Float, nullable=False),
    Column("deleted_at", Float, nullable=True),
)

pipeline_versions = Table(
    "pipeline_versions",
    metadata,
    Column("pipeline_id", String(32), ForeignKey("pipelines.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("document", JSON, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("note", Text, nullable=False, default=""),
    Column("author", Text, nullable=False, default=""),
    Column("created_at", Float, nullable=False),
)

drafts = Table(
    "drafts",
    metadata,
    Column("pipeline_id", String(32), ForeignKey("pipelines.id"), primary_key=True),
    Column("document", JSON, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("base_version", Integer, nullable=False),
    Column("updated_at", Float, nullable=False),
)

runs = Table(
    "runs",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("pipeline_id", String(32), nullable=False),
    Column("pipeline_version", Integer, nullable=False),
    Column("state", String(16), nullable=False),
    Column("parameters", JSON, nullable=False),
    Column("folder", Text, nullable=True),
    Column("mode", String(24), nullable=False, default="EXECUTE_ALL"),
    Column("targets", JSON, nullable=False, default=list),
    Column("fresh", Boolean, nullable=False, default=False),
    Column("resumed_from", String(32), nullable=True),
    Column("history", JSON, nullable=False, default=list),
    Column("cancel_requested", Boolean, nullable=False, default=False),
    Column("owner", String(64), nullable=True),
    Column("lease_until", Float, nullable=True),
    Column("failures", Integer, nullable=False, default=0),
    Column("pinned", Boolean, nullable=False, default=False),
    Column("created_by", Text, nullable=False, default=""),
    Column("problems", JSON, nullable=False),
    Column("created_at", Float, nullable=False),
    Column("started_at", Float, nullable=True),
    Column("finished_at", Float, nullable=True),
    ForeignKeyConstraint(
        ["pipeline_id", "pipeline_version"],
        ["pipeline_versions.pipeline_id", "pipeline_versions.version"],
    ),
)
Index("runs_by_state", runs.c.state, runs.c.created_at)

steps = Table(
    "steps",
    metadata,
    Column("run_id", String(32), ForeignKey("runs.id"), primary_key=True),
    Column("node_id", String(64), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("bound", JSON, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempt", Integer, nullable=False, default=0),
    Column("key", String(64), nullable=True),
    Column("key_parts", JSON, nullable=True),
    Column("reason", Text, nullable=True),
    Column("reason_code", String(32), nullable=True),
    Column("reason_arguments", JSON, nullable=False, default=dict),
    Column("outputs", JSON, nullable=False),
    Column("problems", JSON, nullable=False),
    Column("started_at", Float, nullable=True),
    Column("finished_at", Float, nullable=True),
)

attempts = Table(
    "attempts",
    metadata,
    Column("run_id", String(32), primary_key=True),
    Column("node_id", String(64), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("outcome", String(16), nullable=True),
    Column("reason", String(32), nullable=True),
    Column("peak_memory", BigInteger, nullable=True),
    Column("started_at", Float, nullable=False),
    Column("finished_at", Float, nullable=True),
    ForeignKeyConstraint(["run_id", "node_id"], ["steps.run_id", "steps.node_id"]),
)

artifacts = Table(
    "artifacts",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("kind", String(16), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("content", LargeBinary, nullable=True),
    Column("created_at", Float, nullable=False),
)

results = Table(
    "results",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("outputs", JSON, nullable=False),
    Column("run_id", String(32), nullable=False),
    Column("node_id", String(64), nullable=False),
    Column("created_at", Float, nullable=False),
)

# The last step that succeeded or was reused, of a node under each name of its run's history.
latest_steps = Table(
    "latest_steps",
    metadata,
    Column("scope", Text, primary_key=True),
    Column("node_id", String(64), primary_key=True),
    Column("run_id", String(32), nullable=False),
    Column("component", Text, nullable=False),
)

# Seconds and peak memory of the last executions of a node, or of a component.
measurements = Table(
    "measurements",
    metadata,
    Column("scope", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("seconds", JSON, nullable=False),
    Column("memory", JSON, nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("id", _Counter, primary_key=True, autoincrement=True),
    Column("run_id", String(32), nullable=False),
    Column("type", String(32), nullable=False),
    Column("data", JSON, nullable=False),
    Column("created_at", Float, nullable=False),
    sqlite_autoincrement=True,
)
Index("events_by_run", events.c.run_id, events.c.id)

datasets = Table(
    "datasets",
    metadata,
    Column("id", String(32), primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("digest", String(64), nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("created_by", Text, nullable=False, default=""),
    Column("created_at", Float, nullable=False),
)

file_digests = Table(
    "file_digests",
    metadata,
    Column("path", Text, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("modified_ns", BigInteger, nullable=False),
    Column("digest", String(64), nullable=False),
)

specs = Table(
    "specs",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("file", Text, primary_key=True),
    Column("spec", JSON, nullable=False),
)

inspections = Table(
    "inspections",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("what", String(32), primary_key=True),
    Column("found", JSON, nullable=False),
    Column("created_at", Float, nullable=False),
)

packages = Table(
    "packages",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("deprecated", Text, nullable=True),
    Column("created_at", Float, nullable=False),
    Column("updated_at", Float, nullable=False),
)

package_versions = Table(
    "package_versions",
    metadata,
    Column("package", String(64), ForeignKey("packages.name"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("about", JSON, nullable=False),
    Column("entries", JSON, nullable=False),
    Column("files", Integer, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("environment", String(64), nullable=True),
    Column("report", JSON, nullable=True),
    Column("note", Text, nullable=False, default=""),
    Column("author", Text, nullable=False, default=""),
    Column("created_at", Float, nullable=False),
)
Index("package_versions_by_digest", package_versions.c.digest)

approvals = Table(
    "approvals",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("actor", Text, nullable=False),
    Column("at", Float, nullable=False),
)

environments = Table(
    "environments",
    metadata,
    Column("request", String(64), primary_key=True),
    Column("requirements", JSON, nullable=False),
    Column("state", String(16), nullable=False),
    Column("message", Text, nullable=True),
    Column("lock", Text, nullable=True),
    Column("digest", String(64), nullable=True),
    Column("tree", String(64), nullable=True),
    Column("size", BigInteger, nullable=False, default=0),
    Column("created_at", Float, nullable=False),
)
Index("environments_by_digest", environments.c.digest)

audit_log = Table(
    "audit_log",
    metadata,
    Column("id", _Counter, primary_key=True, autoincrement=True),
    Column("at", Float, nullable=False),
    Column("actor", Text, nullable=False),
    Column("address", Text, nullable=True),
    Column("action", String(64), nullable=False),
    Column("object", Text, nullable=False),
    Column("detail", JSON, nullable=False),
    sqlite_autoincrement=True,
)
Index("audit_log_by_object", audit_log.c.object, audit_log.c.id)

# People of a team. A row stays when its person goes, so that no name is ever given twice.
accounts = Table(
    "accounts",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("role", String(16), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("created_at", Float, nullable=False),
)

# What lets somebody in: access tokens, one-time tickets, sessions of browsers; hashes only.
credentials = Table(
    "credentials",
    metadata,
    Column("id", String(16), primary_key=True),
    Column("account", String(64), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("label", Text, nullable=False, default=""),
    Column("created_at", Float, nullable=False),
    Column("expires_at", Float, nullable=False),
    Column("ended_at", Float, nullable=True),
)
Index("credentials_by_account", credentials.c.account, credentials.c.kind)

# In team mode: who typed which code into a parameter first. `source` once somebody needs to see it.
typed_code = Table(
    "typed_code",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("component", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("source", JSON, nullable=True),
    Column("created_at", Float, nullable=False),
)

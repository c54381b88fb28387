"""Who may do what: the one table of roles and permissions; what is not in it is denied."""

from __future__ import annotations

from typing import Literal, get_args

Role = Literal["viewer", "editor", "developer", "reviewer", "admin"]
Permission = Literal["read", "edit", "run", "code", "approve", "secrets", "admin"]
"""read: look at everything but secrets and the audit log. edit: pipelines and datasets.
run: start and end runs, and name secrets in them. code: bring code, and run one's own before
anybody has approved it. approve: let code of others run, or no longer. secrets: set their values.
admin: accounts, the audit log, and removing old results."""

GRANTS: dict[Role, frozenset[Permission]] = {
    "viewer": frozenset({"read"}),
    "editor": frozenset({"read", "edit", "run"}),
    "developer": frozenset({"read", "edit", "run", "code"}),
    "reviewer": frozenset({"read", "edit", "run", "code", "approve"}),
    "admin": frozenset({"read", "edit", "run", "code", "approve", "secrets", "admin"}),
}
ROLES: tuple[Role, ...] = get_args(Role)

LOCAL = "local"
"""The one user of a studio in local mode."""
OPERATOR = "operator"
"""In team mode, whoever can read the data folder: the holder of its token."""
RESERVED = frozenset({LOCAL, OPERATOR, "runner", "studio", ""})
"""Names that no account may have."""


def may(role: Role, permission: Permission) -> bool:
    return permission in GRANTS[role]


def as_role(text: str) -> Role:
    """A role as the database holds it; what is none is the least of all."""
    return next((role for role in ROLES if role == text), "viewer")

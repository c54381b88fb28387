"""The columns of a table before there is a table: their names, types and roles."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Schema:
    """Columns in order. A type is Arrow's, or its name: `int64`, `double`, `string`, ..."""

    types: Mapping[str, Any]
    roles: Mapping[str, list[str]] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        return list(self.types)

    def select(self, names: Iterable[str]) -> Schema:
        """These columns only, in this order."""
        return Schema({name: self.types[name] for name in names}, self.roles)

    def drop(self, names: Iterable[str]) -> Schema:
        gone = set(names)
        return self.select(name for name in self.types if name not in gone)

    def add(self, **types: Any) -> Schema:
        """Further columns at the end; one that is there already changes its type in its place."""
        return Schema({**self.types, **types}, self.roles)

    def with_roles(self, roles: Mapping[str, list[str]]) -> Schema:
        """Further roles; a column's new role takes the place of its old one."""
        moved = {name for names in roles.values() for name in names}
        kept = {role: [n for n in names if n not in moved] for role, names in self.roles.items()}
        for role, names in roles.items():
            kept[role] = [*kept.get(role, []), *names]
        return Schema(self.types, {role: names for role, names in kept.items() if names})

    def role(self, column: str) -> str | None:
        return next((role for role, names in self.roles.items() if column in names), None)

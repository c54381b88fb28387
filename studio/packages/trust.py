"""Whose code may run in whose runs: everybody asks here, before a run is made and before a step.

In local mode a package runs once its digest was approved, and what the one user types runs at once.
In a team code is its author's: it runs in their own runs, and in those of others when a second
person has approved its digest; docs/decisions/team-mode.md says why.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from studio.database.accounts import names_with, role_of
from studio.database.audit import Actor, add_audit
from studio.database.engine import Database
from studio.database.packages import (
    Approval,
    ApprovalState,
    PackageVersionRecord,
    find_authors,
    get_approval,
    put_approval,
)
from studio.database.typed_code import add_typed_code, find_typed_code, show_source
from studio.database.typed_code import find_authors as find_typed_authors
from studio.errors import ConflictError, Problem, say
from studio.graph import BoundNode
from studio.packages.shelf import check_approved, check_libraries
from studio.packages.typed import TypedCode, is_shipped, typed_code
from studio.pipeline import Node
from studio.roles import GRANTS, LOCAL, ROLES, may
from studio.spec import ComponentSpec

APPROVERS = [role for role in ROLES if "approve" in GRANTS[role]]


@dataclass(frozen=True)
class _Code:
    """Code that a node would run. what: how it is called in a message. source: of typed code."""

    digest: str
    what: str
    component: str
    source: dict[str, str] | None
    asks_for_hosts: bool


class Trust:
    """is_team: the stricter rule."""

    def __init__(self, database: Database, is_team: bool) -> None:
        self._database = database
        self._is_team = is_team

    def package_problem(self, spec: ComponentSpec, person: str) -> Problem | None:
        """As `problem`, of a component that stands in no pipeline."""
        node = Node(id=spec.name, component=spec.name)
        return self.problem(BoundNode(node, spec, {}, spec.engines[0]), person)

    def problem(self, bound: BoundNode, person: str, typed: Container[str] = ()) -> Problem | None:
        """Why this node may not run in a run of this person now; None: it may.

        The code that it is lent is held to the same as its own.
        typed: digests of code that the person types with this very request, see `typed_now`.
        """
        lent = (self.package_problem(spec, person) for spec in bound.lent)
        return self._own_problem(bound, person, typed) or next(filter(None, lent), None)

    def _own_problem(self, bound: BoundNode, person: str, typed: Container[str]) -> Problem | None:
        if not self._is_team:
            return check_approved(self._database, bound.spec)
        code = _code(bound)
        if code is None:
            return None
        with self._database.read() as connection:
            approval = get_approval(connection, code.digest)
            authors = authors_of(connection, code.digest)
            if not authors and code.digest in typed:
                authors = {person}
            role = role_of(connection, person)
            is_own = person in authors and role is not None and may(role, "code")
            # Which hosts code may reach is for a second person to allow, whoever wrote it.
            is_free = is_own and not code.asks_for_hosts
            if approval.state == "revoked":
                return _revoked(code, approval)
            if not (is_free or _is_approved(approval, authors)):
                return _not_approved(code, authors, _reviewers(connection, authors))
        return check_libraries(bound.spec)

    def ask(self, bound: BoundNode, stored: bool) -> None:
        """Have the text of typed code kept, for those who may approve it to read.

        stored: it stands in a stored pipeline; if nobody's, it is not whoever's types it next.
        """
        code = _code(bound)
        if not self._is_team or code is None or code.source is None:
            return
        with self._database.begin() as connection:
            if stored:
                add_typed_code(connection, {code.digest: code.component}, "")
            show_source(connection, code.digest, code.source)

    def decide_package(
        self, record: PackageVersionRecord, approved: bool, actor: Actor
    ) -> Approval:
        where, known = f"package:{record.package}", {"version": record.version}
        return self.decide(record.digest, approved, actor, where, **known, network=record.network)

    def decide(
        self, digest: str, approved: bool, actor: Actor, where: str, **detail: Any
    ) -> Approval:
        """Approve or revoke a digest; the decision and its trace are one transaction.

        Raises ConflictError for who would approve their own code in a team.
        """
        with self._database.begin() as connection:
            authors = authors_of(connection, digest)
            if self._is_team and approved and actor.name in authors:
                reviewers = _reviewers(connection, authors)
                raise ConflictError(
                    "This is your own code: another person has to approve it.",
                    hint=say("It can be approved by {reviewers}.", reviewers=_in_words(reviewers)),
                    code="approval.own",
                )
            state: ApprovalState = "approved" if approved else "revoked"
            action = "approve" if approved else "revoke"
            add_audit(connection, actor, action, where, digest=digest, state=state, **detail)
            return put_approval(connection, digest, state, actor.name)

    def note(
        self,
        connection: Connection,
        before: Iterable[TypedCode],
        now: Iterable[TypedCode],
        author: str,
    ) -> None:
        """Somebody stores a document: what is typed in it is theirs, unless it is known already.

        before: the code of the document that it replaces, which is not theirs.
        """
        for codes, name in ((before, ""), (now, author)):
            add_typed_code(connection, {code.digest: code.component for code in codes}, name)

    def typed_now(
        self, as_stored: Sequence[TypedCode], as_run: Sequence[TypedCode], person: str
    ) -> dict[str, str]:
        """Code that a run makes of code of this person by values that they give: it is theirs.

        as_stored, as_run: the code of each node with the defaults of the pipeline's parameters, and
        with the run's values. Gives digest -> component.
        """
        pairs = [
            (stored, run)
            for stored, run in zip(as_stored, as_run, strict=True)
            if stored.digest != run.digest
        ]
        with self._database.read() as connection:
            authors = find_typed_authors(connection, {stored.digest for stored, _ in pairs})
        return {
            run.digest: run.component
            for stored, run in pairs
            if authors.get(stored.digest) == person
        }


def authors_of(connection: Connection, digest: str) -> set[str]:
    """Who brought the code of a digest: as a package, or as text. Empty: nobody knows."""
    typed = find_typed_code(connection, digest)
    return find_authors(connection, digest) | ({typed.author} if typed else set()) - {""}


def _is_approved(approval: Approval, authors: set[str]) -> bool:
    """By somebody who is none of its authors: an approval of local mode is worth nothing here."""
    return approval.state == "approved" and approval.actor not in authors | {LOCAL}


def _code(bound: BoundNode) -> _Code | None:
    spec = bound.spec
    if spec.origin != "builtin":
        what = f"{spec.name} of package {spec.package}"
        return _Code(spec.digest, what, spec.name, None, bool(spec.network))
    typed = typed_code(spec, bound.parameters)
    if typed is None or is_shipped(typed, spec):
        return None
    what = f"The code in {bound.node.label}"
    return _Code(typed.digest, what, spec.name, dict(typed.source), False)


def _reviewers(connection: Connection, authors: set[str]) -> list[str]:
    return [name for name in names_with(connection, APPROVERS) if name not in authors]


def _not_approved(code: _Code, authors: set[str], reviewers: list[str]) -> Problem:
    by = ", ".join(sorted(authors)) or "nobody who is known"
    message = say(
        "{what} ({short}…), by {by}, was not approved by a second person.",
        what=code.what,
        short=code.digest[:12],
        by=by,
    )
    hint = say(
        "It can be approved by {reviewers}: digest {digest}.",
        reviewers=_in_words(reviewers),
        digest=code.digest,
    )
    return Problem("code.not_approved", message, hint=hint)


def _revoked(code: _Code, approval: Approval) -> Problem:
    message = say(
        "{what} ({short}…) was revoked by {actor}.",
        what=code.what,
        short=code.digest[:12],
        actor=approval.actor,
    )
    known = {"digest": code.digest}
    return Problem("code.revoked", message, hint="Use another version of it.", arguments=known)


def _in_words(reviewers: list[str]) -> str:
    return ", ".join(reviewers) if reviewers else "whoever runs this studio"

"""Before a step of code that a person brought: is it approved, and is it what was approved?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from studio.database.audit import Actor, add_audit
from studio.database.engine import Database
from studio.database.runs import RunRecord
from studio.errors import ComponentError, ConflictError, NotFoundError, say
from studio.graph import BoundNode
from studio.packages.environments import Environments
from studio.packages.shelf import is_intact
from studio.packages.trust import Trust
from studio.sandbox.confinement import Contact
from studio.secrets import Secrets
from studio.settings import Settings
from studio.spec import ComponentSpec
from studio.step_key import secret_parameters


class PackageChecks:
    """Every step of such code passes here, and leaves its trace in the audit log."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._database = database
        self._allow_network = settings.allow_network
        self._secrets = Secrets(settings.home)
        self._environments = Environments(settings.home, database, settings.wheelhouse)
        self._trust = Trust(database, settings.is_team)

    def check(self, bound: BoundNode, run: RunRecord) -> None:
        """Raises when the step may not be started; what the studio itself brought always may.

        The code that a step is lent is held to the same as its own.
        """
        if not bound.is_confined:
            return
        problem = self._trust.problem(bound, run.created_by)
        if problem is not None:
            actor, where = Actor(run.created_by), f"run:{run.id}"
            what = {"code": problem.code, "node": bound.node.id, **(problem.arguments or {})}
            with self._database.begin() as connection:
                add_audit(connection, actor, "refuse", where, problems=[what])
            raise ConflictError(problem.message, hint=problem.hint, code=problem.code)
        for spec in (bound.spec, *bound.lent):
            self._check_files(spec)

    def _check_files(self, spec: ComponentSpec) -> None:
        if spec.origin != "package":
            return
        if not is_intact(Path(spec.file).parent, spec.digest):
            raise ConflictError(
                say("The files of package {package!r} were changed on disk.", package=spec.package),
                hint="Upload the package again: that puts back what was approved.",
                code="package.tampered",
            )
        if spec.network and not self._allow_network:
            raise ConflictError(
                say(
                    "{name!r} asks for the network ({network}).",
                    name=spec.name,
                    network=", ".join(spec.network),
                ),
                hint="Whoever runs this studio has closed it: STUDIO_ALLOW_NETWORK=0.",
                code="package.network",
            )
        if spec.environment is not None:
            self._environments.check(spec.environment)

    def find_secrets(self, bound: BoundNode) -> dict[str, str]:
        """The values of the secrets that a node names. Raises ComponentError for one not there."""
        values = {}
        for parameter, name in secret_parameters(bound).items():
            try:
                values[name] = self._secrets.get(name)
            except NotFoundError as error:
                raise ComponentError(
                    error.message, hint=error.hint, code=error.code, parameter=parameter
                ) from None
        return values

    def record_contacts(
        self, spec: ComponentSpec, run_id: str, node: str, contacts: Sequence[Contact]
    ) -> None:
        """Whom a step reached over the network, and whom it was refused, in the audit log."""
        with self._database.begin() as connection:
            add_audit(
                connection,
                Actor("runner"),
                "network",
                f"package:{spec.package}",
                component=spec.name,
                digest=spec.digest,
                run=run_id,
                node=node,
                reached=[contact.host for contact in contacts if contact.refused is None],
                refused=[
                    f"{c.host} {c.refused}".strip() for c in contacts if c.refused is not None
                ],
            )

    def record(self, bound: BoundNode, run_id: str) -> None:
        """A step of packages' code in the audit log."""
        brought = [spec for spec in (bound.spec, *bound.lent) if spec.origin == "package"]
        if not brought:
            return
        with self._database.begin() as connection:
            for spec in brought:
                add_audit(
                    connection,
                    Actor("runner"),
                    "step",
                    f"package:{spec.package}",
                    component=spec.name,
                    digest=spec.digest,
                    run=run_id,
                    node=bound.node.id,
                )

"""What an operator may set, and where the studio keeps its things."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from studio.destination import parse_destination

PACKAGE = Path(__file__).resolve().parent
_CHECKOUT = PACKAGE.parent


def in_checkout() -> bool:
    """True in a source checkout, false when installed from a wheel."""
    return (_CHECKOUT / "pyproject.toml").is_file()


def builtin_folder(name: str) -> Path:
    """`components` or `pipelines`: beside `studio/` in a checkout, inside it in a wheel."""
    return _CHECKOUT / name if in_checkout() else PACKAGE / "_builtin" / name


@dataclass(frozen=True)
class Settings:
    """Read once, at start, from the environment; passed on, never global.

    cpus: cores that steps may use together. drain_seconds: how long steps that run may go on when
    the studio is told to end; what is not over then goes on at the next start.
    disk_reserve_bytes: no step starts when less than this is free.
    allow_network: whether code of packages may reach the hosts that it names.
    private_hosts: each `host:port` that such code may reach though its address is not public.
    gpus: numbers of the GPUs that steps may use, one step each at a time.
    wheelhouse: a folder of wheels from which packages' libraries come, without a network.
    allow_weak_sandbox: code of others runs though the sandbox does not deny all that it should.
    mode: `local`, for one user, or `team`: people with accounts and roles (docs/teams.md).
    allowed_hosts: names under which a proxy with TLS passes requests on, in team mode.
    data_folders: in team mode, the only folders that pipelines may read, beside their own data.
    url, access_token: a studio elsewhere that the command line works with, and as whom.
    """

    home: Path
    host: str = "127.0.0.1"
    port: int = 8000
    database_url: str = ""
    spark_remote: str | None = None
    spark_token: str | None = None
    cpus: int = 1
    step_timeout_seconds: float = 24 * 3600.0
    cancel_grace_seconds: float = 10.0
    lease_seconds: float = 30.0
    drain_seconds: float = 0.0
    disk_reserve_bytes: int = 512 << 20
    wheelhouse: Path | None = None
    allow_network: bool = True
    private_hosts: frozenset[str] = frozenset()
    gpus: tuple[int, ...] = ()
    allow_weak_sandbox: bool = False
    exports_folder: Path | None = None
    mode: str = "local"
    allowed_hosts: tuple[str, ...] = ()
    data_folders: tuple[Path, ...] = ()
    url: str = ""
    access_token: str = ""

    @property
    def is_team(self) -> bool:
        """Whatever is not local mode is the stricter one."""
        return self.mode != "local"

    @property
    def runs_in_weak_sandbox(self) -> bool:
        """Never in a team: where the sandbox is not whole, nothing of others runs."""
        return self.allow_weak_sandbox and not self.is_team

    @property
    def database(self) -> str:
        return self.database_url or f"sqlite:///{self.home / 'studio.db'}"

    @property
    def store(self) -> Path:
        return self.home / "store"

    @property
    def work(self) -> Path:
        return self.home / "work"

    @property
    def kept(self) -> Path:
        """What lost steps leave for their next attempt, by step key."""
        return self.home / "kept"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def exports(self) -> Path:
        """The only folder that steps may write files to for people to find."""
        return self.exports_folder or self.home / "exports"

    @property
    def default_engine(self) -> Literal["duckdb", "spark"]:
        """Where tables are computed when nothing says: on the cluster, if there is one."""
        return "spark" if self.spark_remote else "duckdb"

    def step_log(self, run_id: str, node_id: str, attempt: int) -> Path:
        return self.logs / run_id / f"{node_id}.{attempt}.log"

    @property
    def token_file(self) -> Path:
        return self.home / "token"

    @property
    def address_file(self) -> Path:
        """Where a running studio writes its address, for the command line to find it."""
        return self.home / "studio.json"

    @property
    def input_folders(self) -> tuple[Path, ...]:
        """Where a relative path of a pipeline is looked for, in this order."""
        if self.is_team:
            return (*self.data_folders, builtin_folder("pipelines"))
        return (Path.cwd(), builtin_folder("pipelines"))

    @property
    def readable_folders(self) -> tuple[Path, ...] | None:
        """Below which files may be read that a pipeline names; None: wherever this user may."""
        return self.input_folders if self.is_team else None


def default_home() -> Path:
    """`.studio` in a checkout, `~/.splice-studio` otherwise."""
    return _CHECKOUT / ".studio" if in_checkout() else Path.home() / ".splice-studio"


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Settings from `STUDIO_*` variables; what is unset has its default."""
    get = (os.environ if environment is None else environment).get
    return Settings(
        home=Path(get("STUDIO_HOME") or default_home()).expanduser().absolute(),
        host=get("STUDIO_HOST") or "127.0.0.1",
        port=int(get("STUDIO_PORT") or 8000),
        database_url=get("STUDIO_DATABASE_URL") or "",
        spark_remote=get("STUDIO_SPARK_REMOTE") or None,
        spark_token=get("STUDIO_SPARK_TOKEN") or None,
        wheelhouse=Path(text).expanduser().absolute()
        if (text := get("STUDIO_WHEELHOUSE"))
        else None,
        allow_weak_sandbox=get("STUDIO_ALLOW_WEAK_SANDBOX") == "1",
        exports_folder=Path(text).expanduser().absolute()
        if (text := get("STUDIO_EXPORTS"))
        else None,
        cpus=int(get("STUDIO_CPUS") or len(os.sched_getaffinity(0))),
        allow_network=get("STUDIO_ALLOW_NETWORK") != "0",
        private_hosts=frozenset(
            str(parse_destination(text)) for text in (get("STUDIO_PRIVATE_HOSTS") or "").split()
        ),
        gpus=tuple(int(text) for text in (get("STUDIO_GPUS") or "").split(",") if text.strip()),
        drain_seconds=float(get("STUDIO_DRAIN_SECONDS") or 0.0),
        mode=get("STUDIO_MODE") or "local",
        url=get("STUDIO_URL") or "",
        access_token=get("STUDIO_TOKEN") or "",
        allowed_hosts=tuple(
            name.lower()
            for part in (get("STUDIO_ALLOWED_HOSTS") or "").split(",")
            if (name := part.strip())
        ),
        data_folders=tuple(
            Path(part).expanduser().absolute()
            for part in (get("STUDIO_DATA_FOLDERS") or "").split(os.pathsep)
            if part
        ),
    )

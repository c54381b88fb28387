"""The probes: through the real launch path all is denied, and without a sandbox they succeed."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from studio.errors import UnavailableError
from studio.sandbox import keeper as keeper_module
from studio.sandbox import probes
from studio.sandbox.attacks import ATTACKS
from studio.sandbox.confinement import Ended
from studio.sandbox.keeper import SandboxKeeper, load_report
from studio.sandbox.launch import Completed, find_mechanism
from studio.sandbox.probes import SandboxReport, run_probes

# The hostile probes by name; whatever else is tried, these must be.
THE_23 = {
    "read_key", "read_folder", "write_folder", "write_input", "tcp", "udp", "abstract_socket",
    "path_socket", "signal", "ptrace", "environ", "user_namespace", "io_uring", "keyctl",
    "symlink", "fifo", "memory", "forks", "large_file", "daemon", "af_alg", "mount",
    "write_interpreter",
}  # fmt: skip

# What the same attacks come to without a sandbox, on any Linux.
SUCCEED_BARE = {
    "read_key", "read_folder", "write_folder", "write_input", "tcp", "udp", "abstract_socket",
    "path_socket", "environ", "symlink", "fifo", "large_file", "see_processes", "signal",
}  # fmt: skip


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> SandboxReport:
    return run_probes(tmp_path_factory.mktemp("probes"))


def test_all_of_the_probes_are_there() -> None:
    assert len(THE_23) == 23
    assert set(ATTACKS) >= THE_23


@pytest.mark.skipif(find_mechanism() != "bubblewrap", reason="bubblewrap does not work here")
@pytest.mark.parametrize("name", ATTACKS)
def test_every_attack_is_denied(report: SandboxReport, name: str) -> None:
    assert report.details[name] != "allowed"


def test_nothing_of_a_probe_is_left(tmp_path: Path) -> None:
    run_probes(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_the_attacks_are_real_without_a_sandbox_they_succeed(tmp_path: Path) -> None:
    with probes._bait(tmp_path) as bait:
        attacks = [*sorted(SUCCEED_BARE - {"signal"}), "signal"]  # it ends the victim of others
        done = subprocess.run(
            [sys.executable, "-I", str(probes._ATTACKS)],
            input=json.dumps(bait.targets(attacks)).encode(),
            capture_output=True,
            timeout=60,
            check=True,
        )
        bait.victim.wait(5)
        hits = bait.hits()
    details = json.loads(done.stdout)
    assert {name for name in attacks if details[name] == "allowed"} == SUCCEED_BARE
    seen_outside = {"tcp", "udp", "abstract_socket", "path_socket", "symlink", "fifo"}
    assert hits == seen_outside | {"signal", "write_input", "write_folder"}


def test_what_the_inside_does_not_answer_counts_as_allowed() -> None:
    silent = Completed(Ended(0), b"not JSON", "")
    assert probes._answers(silent, ["tcp"]) == {"tcp": "allowed"}


def test_the_report_is_kept_for_this_machine_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = load_report(tmp_path)
    monkeypatch.setattr(keeper_module, "run_probes", lambda home: replace(first, seconds=-1.0))
    assert load_report(tmp_path) == first
    monkeypatch.setattr(keeper_module, "_boot", lambda: "another boot")
    assert load_report(tmp_path).seconds == -1.0


WEAK = SandboxReport("landlock", missing=("signal",))
REPORTS = {
    "sufficient": (SandboxReport("bubblewrap"), "yes", "yes"),
    "weak": (WEAK, "no", "weak"),
    "none": (SandboxReport("none"), "no", "no"),
}


@pytest.mark.parametrize("name", REPORTS)
def test_code_of_others_runs_only_where_all_is_denied_or_weakness_is_allowed(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report, strict, lenient = REPORTS[name]
    monkeypatch.setattr(keeper_module, "load_report", lambda home: report)
    for allow_weak, expected in ((False, strict), (True, lenient)):
        keeper = SandboxKeeper(tmp_path, allow_weak)
        assert keeper.wait() == report
        assert keeper.verdict(report) == expected
        if expected == "no":
            with pytest.raises(UnavailableError) as error:
                keeper.may_run()
            assert error.value.code == "sandbox.unavailable"
        else:
            assert keeper.may_run()


def test_probes_that_fail_leave_nothing_to_run_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Path) -> SandboxReport:
        raise OSError("no")

    monkeypatch.setattr(keeper_module, "load_report", fail)
    assert SandboxKeeper(tmp_path).wait().mechanism == "none"

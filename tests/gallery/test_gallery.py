"""The gallery: each component is read, passes its own tests, and conforms in the sandbox."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.inspector import SourceReader
from studio.inspector.conformance import check_package
from studio.packages.archive import digest_package, read_folder
from studio.packages.shelf import PackageShelf
from studio.sandbox.launch import find_mechanism
from studio.spec import BrokenComponent, ComponentSpec

GALLERY = Path(__file__).parents[2] / "examples" / "components"
PACKAGES = sorted(path for path in GALLERY.iterdir() if any(path.glob("*.py")))


@pytest.fixture(scope="module")
def sources() -> Iterator[SourceReader]:
    reader = SourceReader()
    yield reader
    reader.stop()


def read(sources: SourceReader, folder: Path) -> list[ComponentSpec | BrokenComponent]:
    files = read_folder(folder)
    shelf = PackageShelf(folder, None, sources.read)  # type: ignore[arg-type]
    return shelf.read_entries(files, folder.name, digest_package(files))


@pytest.mark.parametrize("folder", PACKAGES, ids=lambda folder: folder.name)
def test_each_package_is_read_without_a_problem(sources: SourceReader, folder: Path) -> None:
    entries = read(sources, folder)
    assert entries
    assert [entry for entry in entries if isinstance(entry, BrokenComponent)] == []


def test_there_are_ten_components_and_four_wrappers(sources: SourceReader) -> None:
    names = {e.name for p in PACKAGES for e in read(sources, p) if isinstance(e, ComponentSpec)}
    assert names == {
        *("target_encoding", "time_window_counts", "negative_sampling", "downsample", "calibrate"),
        *("hash_columns", "lightgbm_train", "lightgbm_predict", "shap_report", "http_lookup"),
        *("keras_scorer", "gated_block", "duckdb_macro"),
        *("keras_branch", "scale_columns", "polars_ranks", "train_trees", "keras_projection"),
    }


@pytest.mark.slow
@pytest.mark.parametrize("folder", PACKAGES, ids=lambda folder: folder.name)
def test_each_passes_its_own_tests(folder: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", os.devnull]
    done = subprocess.run(
        [*command, "--rootdir", str(GALLERY), str(folder)],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(GALLERY.parents[1]), "TF_CPP_MIN_LOG_LEVEL": "3"},
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


@pytest.mark.slow
@pytest.mark.skipif(find_mechanism() == "none", reason="there is no sandbox here")
@pytest.mark.parametrize("folder", PACKAGES, ids=lambda folder: folder.name)
def test_each_keeps_what_components_promise(sources: SourceReader, folder: Path) -> None:
    specs = [entry for entry in read(sources, folder) if isinstance(entry, ComponentSpec)]
    report = check_package(specs, [], folder, Path(sys.executable))
    for component in report.components:
        faults = [f"{c.name}: {c.message}" for c in component.checks if c.outcome == "failed"]
        if component.component == "http_lookup":  # it may not reach its service from the sandbox
            faults = [fault for fault in faults if "gave no answer" not in fault]
        assert faults == [], component.component

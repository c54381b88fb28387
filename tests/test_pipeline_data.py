"""The shipped tables are what their committed scripts make, to the byte."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from studio.settings import builtin_folder

DATA = builtin_folder("pipelines") / "data"


@pytest.mark.parametrize(
    "name", ["clicks", "porto_like", "movielens_like", "criteo_like", "sparse_clicks"]
)
def test_a_shipped_table_is_made_again_byte_for_byte(name: str, tmp_path: Path) -> None:
    target = tmp_path / "table.csv"
    subprocess.run([sys.executable, str(DATA / f"make_{name}.py"), str(target)], check=True)
    assert target.read_bytes() == (DATA / f"{name}.csv").read_bytes()

"""DeepCTR's DeepFM and ours on the same encoded rows with the same settings, for several seeds.

`python -m benchmarks.deepctr [ROWS]`: DeepCTR is installed from PyPI into an environment of its
own below a temporary folder, or is found at STUDIO_DEEPCTR_PYTHON. Both train for the same number
of epochs, without early stopping, dropout or penalties, from vectors of the same size.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.accuracy import Array, fit_feature_map, models, score, split
from components.ctr._ranking import auc
from components.ctr.embedding import embedding
from components.ctr.encode import encode
from components.ctr.generate_click_log import generate_click_log
from components.ctr.train import train
from studio.component import FeatureMap

PEERS = Path(__file__).parent / "peers"
ROWS = 200_000
SETTINGS: dict[str, Any] = {
    "dimension": 8,
    "hidden_units": [64, 32],
    "learning_rate": 0.001,
    "batch_size": 1024,
    "epochs": 2,
    "seeds": [0, 1, 2, 3, 4],
}
INITIAL_STDEV = 0.0001  # what DeepCTR starts from


def peer_python(folder: Path) -> str:
    """A Python that has DeepCTR."""
    given = os.environ.get("STUDIO_DEEPCTR_PYTHON")
    if given:
        return given
    uv = str(Path(sys.executable).with_name("uv"))
    subprocess.run([uv, "venv", "-q", "--python", sys.executable, str(folder)], check=True)
    python = str(folder / "bin" / "python")
    requirements = str(PEERS / "deepctr_requirements.txt")
    install = [uv, "pip", "install", "-q", "--compile-bytecode", "--python", python]
    subprocess.run([*install, "-r", requirements], check=True)
    return python


def local_index(index: Array, mapping: FeatureMap) -> tuple[Array, list[int]]:
    """The index within each field, as DeepCTR takes it, and how many each field has."""
    first = np.array([field["missing_index"] for field in mapping.document["fields"]])
    sizes = np.diff(np.append(first, mapping.document["feature_size"]))
    return np.asarray(index) - first, sizes.tolist()


def compare(rows: int) -> dict[str, list[float]]:
    """Test AUCs of both, one a seed."""
    table: Any = generate_click_log(rows=rows, seed=0)
    train_rows, test = split(table.table, [rows * 4 // 5, rows], 0)
    mapping = fit_feature_map(train_rows, label="clicked", min_count=2)
    examples, test_examples = encode(train_rows, mapping), encode(test, mapping)
    label = test["clicked"].to_numpy().astype(np.float64)
    with tempfile.TemporaryDirectory() as folder:
        theirs = _theirs(Path(folder), mapping, examples, test_examples)
    ours = []
    for seed in SETTINGS["seeds"]:
        base = embedding(mapping, dimension=SETTINGS["dimension"], initial_stdev=INITIAL_STDEV)
        logits = models(base, SETTINGS["hidden_units"])["DeepFM"]()
        how = {name: SETTINGS[name] for name in ("learning_rate", "batch_size", "epochs")}
        ours.append(score(train(examples, logits, seed=seed, **how), test))
    return {
        "ours": [auc(label, one) for one in ours],
        "DeepCTR": [auc(label, one) for one in theirs],
    }


def _theirs(folder: Path, mapping: FeatureMap, examples: Any, test: Any) -> list[Array]:
    index, sizes = local_index(examples.arrays["feat_index"], mapping)
    np.savez(
        folder / "data.npz",
        train=index,
        label=examples.arrays["label"],
        test=local_index(test.arrays["feat_index"], mapping)[0],
    )
    (folder / "settings.json").write_text(json.dumps({**SETTINGS, "sizes": sizes}))
    files = [str(folder / name) for name in ("data.npz", "scores.npz", "settings.json")]
    program = str(PEERS / "train_deepctr.py")
    subprocess.run([peer_python(folder / "venv"), program, *files], check=True)
    with np.load(files[1]) as scores:
        return [scores[str(seed)] for seed in SETTINGS["seeds"]]


def main() -> None:
    found = compare(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)
    for name, areas in found.items():
        listed = " ".join(f"{one:.5f}" for one in areas)
        spread = f"mean {np.mean(areas):.5f}, standard deviation {np.std(areas, ddof=1):.5f}"
        print(f"{name:<8}{listed}   {spread}")
    print(f"ours - DeepCTR: {np.mean(found['ours']) - np.mean(found['DeepCTR']):+.5f}")


if __name__ == "__main__":
    main()

"""What is shown of feature maps and models: made by the real components, counted by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from studio.artifacts import FeatureMap, Model
from studio.inspector.previews import preview


def shown(bundle: Any, folder: Path) -> dict[str, Any]:
    bundle.write(folder)
    return preview(bundle.kind, str(folder), 0, 100)


def field(name: str, values: list[str], counts: list[int], missing: int) -> dict[str, Any]:
    return {
        "name": name,
        "type": "categorical",
        "values": values,
        "counts": counts,
        "missing": missing,
    }


def test_of_a_feature_map_coverage_vocabulary_and_unknown_shares_are_told(tmp_path: Path) -> None:
    number = {"name": "age", "type": "numeric", "missing": 25, "mean": 1.0}
    many = [f"v{n}" for n in range(200)]
    document = {
        "format": 1,
        "rows": 100,
        "feature_size": 300,
        "fields": [number, field("city", many, [0] * 199 + [60], 10)],
    }
    told = shown(FeatureMap(document), tmp_path)
    age, city = told["summary"]["fields"]
    assert (age["coverage"], age["vocabulary"], age["unknown"]) == (0.75, None, None)
    assert (city["coverage"], city["vocabulary"], city["unknown"]) == (0.9, 200, 0.3)
    assert city["top"] == many[:5]
    values = told["document"]["fields"][1]["values"]
    assert len(values) == 51
    assert values[-1] == "… 200 in all"


def test_fields_blocks_and_epochs_are_shown_all(tmp_path: Path) -> None:
    fields = [field(f"f{n}", ["a"], [1], 0) for n in range(300)]
    told = shown(FeatureMap({"rows": 1, "fields": fields}), tmp_path)
    assert len(told["document"]["fields"]) == len(told["summary"]["fields"]) == 300


def test_parameters_of_a_model_are_counted_block_by_block(tmp_path: Path) -> None:
    document = {
        "blocks": [
            {"id": "aa", "type": "embedding", "inputs": [], "parameters": {"dimension": 8}},
            {"id": "bb", "type": "dnn", "inputs": ["aa"], "parameters": {"hidden_units": [4]}},
        ],
        "training": {"history": [{"epoch": n} for n in range(200)], "best_epoch": 150},
    }
    arrays = {
        "aa_factors": np.zeros((10, 8), np.float32),
        "bb_kernel_0": np.zeros((16, 4), np.float32),
        "bb_bias_0": np.zeros(4, np.float32),
        "output_bias": np.zeros((), np.float32),
    }
    told = shown(Model(document, arrays), tmp_path)
    summary = told["summary"]
    assert summary["parameters"] == 80 + 64 + 4 + 1
    assert [block["parameters"] for block in summary["blocks"]] == [80, 68]
    assert summary["shared_parameters"] == 1
    assert summary["blocks"][0]["embedding_size"] == 8
    assert (summary["epochs"], summary["best_epoch"]) == (200, 150)
    assert len(told["document"]["training"]["history"]) == 200


@pytest.mark.parametrize("document", [{}, {"fields": [{}]}])
def test_a_feature_map_that_holds_less_is_shown_with_less(
    tmp_path: Path, document: dict[str, Any]
) -> None:
    assert shown(FeatureMap(document), tmp_path)["summary"]["n_fields"] == len(
        document.get("fields", [])
    )

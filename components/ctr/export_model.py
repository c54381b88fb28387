"""Export a model as a SavedModel that scores raw rows with TensorFlow alone."""

from __future__ import annotations

import json
import keyword
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import tensorflow as tf
from pydantic import Field

from studio.component import ComponentError, File, Model, component, context, say

from ._exported import Exported, number_columns, text_columns
from ._model import check_network, check_scorable, network_of
from ._threads import limit_threads

_KNOWN = ("numeric", "bucket", "categorical", "hashed")
_README = """# A model as a SavedModel

It needs TensorFlow {version} or newer, and nothing else.

    import tensorflow as tf
    model = tf.saved_model.load("here")
    model.signatures["serving_default"](**columns)["prediction_score"]

Each input is a tensor (n,): `columns.json` names the input of every column, and whether it is a
number (float64, NaN for missing) or a text ({missing!r} for missing). A value that is no text is
written as one: whole numbers without a point, booleans as true and false.
"""


@component(title="Export model", category="CTR model", version="1.0")
def export_model(
    model: Model,
    *,
    name: Annotated[
        str, Field(pattern=r"^[\w.-]+$", description="Of the file, without its ending.")
    ] = "model",
    missing_text: Annotated[
        str, Field(description="The text that a missing value is given as; no category may be it.")
    ] = "",
) -> File:
    """Write a SavedModel with vocabularies, buckets and hashes inside: raw columns in, scores out.

    One input a column, so that the caller needs neither this project nor the feature map. Scores
    are those of `predict`; unseen categories and missing values included.

    Shapes: columns (n,) -> prediction_score (n,), prediction_result (n,). The file is a zip of the
            folder that `tf.saved_model.load` takes, with a README.
    Units:  prediction_score is a probability, 0 to 1; prediction_result is 1 from 0.5 up.
    Errors: ComponentError for boosted trees, for a model of `fm_train` on plain columns, where a
            column is used as a number and as a text, and where `missing_text` is a category.
    Source: TensorFlow, SavedModel.
    """
    check_network(model)
    check_scorable(model)
    feature_map = model.document["feature_map"]
    _check(feature_map, missing_text)
    limit_threads()
    module = Exported(network_of(model), model.arrays, feature_map, missing_text)
    inputs = _inputs(feature_map)
    folder = context.scratch / name
    tf.saved_model.save(module, str(folder), signatures=_signature(module, inputs))
    (folder / "columns.json").write_text(json.dumps(inputs, indent=1, ensure_ascii=False))
    readme = _README.format(version=tf.__version__, missing=missing_text)
    (folder / "README.md").write_text(readme, encoding="utf-8")
    return File(_zip(folder))


def _inputs(feature_map: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """How the input of every column is called, and what it holds."""
    numbers = number_columns(feature_map)
    columns = sorted(numbers | text_columns(feature_map))
    return {
        column: {
            "input": column if _is_name(column) else f"column_{number}",
            "type": "float64" if column in numbers else "string",
        }
        for number, column in enumerate(columns)
    }


def _is_name(column: str) -> bool:
    """Whether an input may be called so."""
    return column.isidentifier() and column.isascii() and not keyword.iskeyword(column)


def _signature(module: Exported, inputs: Mapping[str, Mapping[str, str]]) -> Any:
    def score(**given: Any) -> dict[str, Any]:
        return module({column: given[told["input"]] for column, told in inputs.items()})

    specs = {
        told["input"]: tf.TensorSpec([None], tf.as_dtype(told["type"]), told["input"])
        for told in inputs.values()
    }
    module.score = tf.function(score, autograph=False)
    return module.score.get_concrete_function(**specs)


def _zip(folder: Path) -> Path:
    """All files of the folder in one, stored as they are: weights hardly get smaller."""
    target = folder.with_name(f"{folder.name}.zip")
    with zipfile.ZipFile(target, "w") as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                entry = zipfile.ZipInfo(path.relative_to(folder).as_posix())
                archive.writestr(entry, path.read_bytes())
    return target


def _check(feature_map: Mapping[str, Any], missing_text: str) -> None:
    unknown = {field["type"] for field in feature_map["fields"]} - set(_KNOWN)
    if unknown:
        raise ComponentError(
            say(
                "This version cannot export fields of type {unknown}.",
                unknown=", ".join(sorted(unknown)),
            ),
            hint="Take them out of the feature map, or score with 'predict'.",
            code="export.field",
        )
    both = sorted(number_columns(feature_map) & text_columns(feature_map))
    if both:
        raise ComponentError(
            say(
                "Column {both!r} is used as a number and as a text, and an "
                "exported model takes each column once.",
                both=both[0],
            ),
            hint="Cross a copy of the column that is a text.",
            code="export.column",
        )
    taken = [f["name"] for f in feature_map["fields"] if missing_text in f.get("values", [])]
    if taken:
        raise ComponentError(
            say(
                "{missing_text!r} is a category of {taken!r}, so it cannot stand "
                "for a missing value.",
                missing_text=missing_text,
                taken=taken[0],
            ),
            hint="Choose another 'missing_text', such as \\N.",
            parameter="missing_text",
            code="export.missing_text",
        )

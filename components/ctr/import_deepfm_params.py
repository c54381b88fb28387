"""Make a pipeline from the settings of the article's DeepFM."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, NamedTuple

import pyarrow as pa
from pydantic import Field

from studio.component import File, Schema, component, context

from ._deepfm_params import Setting, read_settings

_COLUMNS = ("key", "node", "parameter", "value", "note")


class ImportDeepfmParamsOutputs(NamedTuple):
    pipeline: Annotated[File, "A pipeline to import."]
    settings: Annotated[pa.Table, "What became of every key."]


def _schema(**_: Any) -> dict[str, Schema]:
    return {"settings": Schema(dict.fromkeys(_COLUMNS, "string"))}


@component(title="Import DeepFM parameters", category="CTR model", version="1.0", schema=_schema)
def import_deepfm_params(
    *,
    params: Annotated[
        Mapping[str, Any],
        Field(description="The article's dfm_params; keys left out are as in the article."),
    ] = {},
    path: Annotated[str, Field(description="Table that the pipeline trains on.")] = "train.csv",
    label: Annotated[str, Field(description="Its column to predict.")] = "target",
    numeric: Annotated[Sequence[str], Field(description="The article's NUMERIC_COLS.")] = [],
    ignore: Annotated[Sequence[str], Field(description="The article's IGNORE_COLS.")] = [],
) -> ImportDeepfmParamsOutputs:
    """Turn `dfm_params` into a pipeline whose nodes have these settings, and use every one.

    Keep-probabilities become rates, use_fm and use_deep decide which nodes there are, and the
    outputs are combined by a projection, as there. Download the file and import it.

    Shapes: -> one pipeline document; settings (k, 5): key, node, parameter, value, note.
    Units:  a share of 0.9 that is kept is a dropout of 0.1.
    Errors: ComponentError for a key that is not known or a value that cannot be, by its key.
    Source: PAI-Studio's DeepFM article, its dfm_params.
    """
    settings = read_settings(params)
    document = _pipeline(settings, path, label, numeric, ignore)
    target = context.scratch / "deepfm.json"
    target.write_text(json.dumps(document, indent=2, ensure_ascii=False), encoding="utf-8")
    return ImportDeepfmParamsOutputs(File(target), _table(settings))


def _pipeline(
    settings: list[Setting], path: str, label: str, numeric: Sequence[str], ignore: Sequence[str]
) -> dict[str, Any]:
    switched = {setting.key: setting.value for setting in settings}
    blocks = ["linear", "fm"] * bool(switched["use_fm"]) + ["dnn"] * bool(switched["use_deep"])
    nodes: dict[str, dict[str, Any]] = {
        "read_table": {"path": path},
        "split": {"method": "stratified", "stratify_by": label, "fraction": 0.8},
        "feature_map": {
            "label": label,
            "numeric": list(numeric),
            "ignore": list(ignore),
            "numeric_transform": "raw",
        },
        "encode_train": {},
        "encode_validation": {},
        "embedding": {"initial_stdev": 0.01},
        **{block: {} for block in blocks},
        "train": {"combine": "projection"},
        "predict": {},
        "evaluate": {"label": label},
    }
    for setting in settings:
        if setting.node is not None and setting.parameter is not None:
            nodes[setting.node][setting.parameter] = setting.value
    return {
        "schema_version": 1,
        "name": "DeepFM of the article",
        "nodes": [
            {"id": id, "component": id.split("_")[0] if id.startswith("encode") else id,
             "version": "1.0", "parameters": parameters}
            for id, parameters in nodes.items()
        ],
        "edges": [_edge(text) for text in _edges(blocks)],
        "layout": {"nodes": _layout(list(nodes), blocks)},
    }  # fmt: skip


def _edges(blocks: list[str]) -> list[str]:
    return [
        "read_table.table > split.table",
        "split.train > feature_map.table",
        "split.train > encode_train.table",
        "split.test > encode_validation.table",
        "feature_map.feature_map > encode_train.feature_map",
        "feature_map.feature_map > encode_validation.feature_map",
        "feature_map.feature_map > embedding.feature_map",
        *(f"embedding.embedding > {block}.embedding" for block in blocks),
        *(f"{block}.logit > train.logits" for block in blocks),
        "encode_train.examples > train.examples",
        "encode_validation.examples > train.validation",
        "train.model > predict.model",
        "split.test > predict.table",
        "predict.table > evaluate.tables",
    ]


def _edge(text: str) -> dict[str, Any]:
    (node, port), (target, target_port) = (end.split(".") for end in text.split(" > "))
    return {
        "source": {"node": node, "port": port},
        "target": {"node": target, "port": target_port},
    }


def _layout(nodes: list[str], blocks: list[str]) -> dict[str, dict[str, int]]:
    columns = [node for node in nodes if node not in (*blocks, "encode_validation")]
    places = {node: {"x": 240 * number, "y": 200} for number, node in enumerate(columns)}
    places["encode_validation"] = {**places["encode_train"], "y": 360}
    for number, block in enumerate(blocks):
        places[block] = {"x": places["embedding"]["x"] + 120, "y": 320 + 120 * number}
    return places


def _table(settings: list[Setting]) -> pa.Table:
    columns: dict[str, Any] = {
        "key": [setting.key for setting in settings],
        "node": [setting.node for setting in settings],
        "parameter": [setting.parameter for setting in settings],
        "value": [json.dumps(setting.value) for setting in settings],
        "note": [setting.note for setting in settings],
    }
    return pa.table(columns)

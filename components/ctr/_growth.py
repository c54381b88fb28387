"""Continue a model on a feature map that has grown: old rows are kept, new ones begin anew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from studio.component import Model, context, digest_json

from ._network import PROJECTION, Network, initialise
from ._warm_start import row_map

if TYPE_CHECKING:
    Array = np.ndarray[Any, np.dtype[Any]]

_OF_THE_MAP = ("feature_map", "feature_size", "start")


def forms(blocks: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """What each block is, by its id: equal for blocks that differ in their feature map only."""
    found: dict[str, str] = {}
    for block in blocks:
        parameters = {key: v for key, v in block["parameters"].items() if key not in _OF_THE_MAP}
        below = [found[name] for name in block["inputs"]]
        found[block["id"]] = digest_json([block["type"], below, parameters])
    return found


def hashes_features(network: Network) -> bool:
    """Whether a block finds its weights by the indices of features, which a grown map moves."""
    return any(block["type"] == "wide" for block in network.blocks)


def grow(model: Model, network: Network, feature_map: Mapping[str, Any], seed: int) -> Any:
    """The arrays of a model for a network of the same forms on another feature map."""
    before, after = forms(model.document["blocks"]), forms(network.blocks)
    by_form = {form: block for block, form in before.items()}
    renamed = {block: by_form[form] for block, form in after.items()}
    rows, old_rows = row_map(model.document["feature_map"], feature_map)
    arrays = initialise(network, seed)
    tables = {name for table in network.tables for name in table.parts}
    for name in arrays:
        old = np.asarray(model.arrays[_rename(name, renamed)])
        if name in tables:
            arrays[name][rows] = old[old_rows]
        elif name == PROJECTION:
            arrays[name] = _reorder(old, model.document["heads"], network, renamed)
        else:
            arrays[name] = old
    total = max(table.features for table in network.tables)
    context.log.info("%s of %s features keep their weights.", f"{len(rows):,}", f"{total:,}")
    return arrays


def _rename(name: str, renamed: Mapping[str, str]) -> str:
    for new, old in renamed.items():
        name = name.replace(new, old)
    return name


def _reorder(
    kernel: Array, old_heads: list[str], network: Network, renamed: Mapping[str, str]
) -> Array:
    """The projection's kernel, the parts of the heads in the order of the network."""
    widths = {renamed[head]: _width(network, head) for head in network.heads}
    ends = np.cumsum([widths[head] for head in old_heads])
    parts = dict(zip(old_heads, np.split(kernel, ends[:-1]), strict=True))
    return np.concatenate([parts[renamed[head]] for head in network.heads])


def _width(network: Network, head: str) -> int:
    block = network.block(head)
    table = next(table for table in network.tables if table.id in block["inputs"])
    return network.layers[head].width(block, table.fields, table.dimension)

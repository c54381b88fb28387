"""Describe an embedding: a vector for every feature of a feature map."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from studio.component import ComponentError, Embedding, FeatureMap, Model, component, first_block

from ._blocks import feature_map_digest, last_block
from ._warm_start import digest_start, name_start, start_of


@component(title="Embedding", category="CTR model", version="1.0")
def embedding(
    feature_map: FeatureMap,
    model: Model | None = None,
    *,
    dimension: Annotated[
        int, Field(ge=1, le=1024, description="Length K of the vector of a feature.")
    ] = 8,
    initial_stdev: Annotated[
        float,
        Field(gt=0, le=1, description="Standard deviation of the first, random vectors."),
    ] = 0.001,
    l2: Annotated[
        float,
        Field(ge=0, description="L2 penalty on the vectors of the features in a batch."),
    ] = 0.0,
    name: Annotated[str, Field(description="Keeps two embeddings with equal settings apart.")] = "",
) -> Embedding:
    """Give every feature a vector of numbers, shared by all the blocks that stand on it.

    Only describes: the vectors are made and trained in `train`. All fields share one table; a
    field of value x contributes x times its feature's vector, a multi-valued one the sum of its
    items' (their mean, where the feature map combines by `mean`). From a `model`, of `fm_train`
    with this feature map for example, every value that it knows takes over its vector and its
    first-order weight; the others start at random.

    Shapes: feature map of V features and F fields -> vectors (V, K), a row of data (F, K).
    Units:  initial_stdev in the units of the vectors; 0.001 or less learns best.
    Errors: ComponentError when the feature map has no fields, or the model to start from has none
            of them, no feature map, or vectors of another length.
    Source: Rendle 2010, "Factorization Machines"; Guo et al. 2017, "DeepFM".
    """
    documents = feature_map.document["fields"]
    fields = [field["name"] for field in documents]
    if not fields:
        raise ComponentError(
            "The feature map has no fields, so there is nothing to embed.",
            hint="Choose at least one column in the feature map.",
            code="feature_map.empty",
        )
    parameters = {
        "dimension": dimension,
        "initial_stdev": initial_stdev,
        "l2": l2,
        "name": name,
        "feature_map": feature_map_digest(feature_map.document),
        "feature_size": feature_map.document["feature_size"],
        "fields": fields,
    }
    slots = [field.get("slots", 1) for field in documents if not field.get("slot", 0)]
    if max(slots) > 1:
        parameters["slots"] = slots
    if model is None:
        return Embedding(first_block("embedding", parameters))
    taken = start_of(model, feature_map.document, dimension)
    described = Embedding(first_block("embedding", {**parameters, "start": digest_start(taken)}))
    block = str(last_block(described)["id"])
    return Embedding(described.document, name_start(block, taken))

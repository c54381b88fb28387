"""Describe the compressed interaction network of xDeepFM."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from studio.component import Embedding, Logit, component

from ._blocks import stack

Maps = Annotated[int, Field(ge=1, le=1024)]


@component(title="CIN", category="CTR model", version="1.0")
def cin(
    embedding: Embedding,
    *,
    maps: Annotated[
        list[Maps], Field(min_length=1, description="Feature maps of each layer, in order.")
    ] = [16, 16],
    activation: Annotated[
        Literal["identity", "relu"],
        Field(description="What follows every layer; the paper found identity the best."),
    ] = "identity",
    dropout: Annotated[
        float, Field(ge=0, lt=1, description="Share of the features left out while training.")
    ] = 0.0,
    l2: Annotated[float, Field(ge=0, description="L2 penalty on the kernels.")] = 0.0,
    name: Annotated[str, Field(description="Keeps two blocks with equal settings apart.")] = "",
) -> Logit:
    """Add interactions of whole vectors: layer k holds weighted products of k + 1 fields.

    Beside `linear` and a `dnn` on the same embedding it is xDeepFM. All maps of all layers are
    summed over their factors and read out.

    Shapes: (n, F, K) -> (n, H_1 + H_2 + ...), H_k the maps of layer k; one more kernel makes the
            logit, the projection takes all of them.
    Units:  time and memory of a layer grow with H_(k-1) * F * K a row; dropout is a rate.
    Errors: none.
    Source: Lian et al. 2018, "xDeepFM", equations 6 to 8.
    """
    parameters = {
        "maps": maps,
        "activation": activation,
        "dropout": dropout,
        "l2": l2,
        "name": name,
    }
    return stack(embedding, "cin", parameters)

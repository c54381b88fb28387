"""Describe the explicit crosses of DCN-v2."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from studio.component import Embedding, Logit, component

from ._blocks import stack


@component(title="Cross network", category="CTR model", version="1.0")
def cross_network(
    embedding: Embedding,
    *,
    layers: Annotated[
        int, Field(ge=1, le=16, description="Each adds one order: 3 reach products of four.")
    ] = 3,
    rank: Annotated[
        int | None,
        Field(ge=1, description="Makes each kernel a product of two thin ones; empty for full."),
    ] = None,
    dropout: Annotated[
        float, Field(ge=0, lt=1, description="Share of the features left out while training.")
    ] = 0.0,
    l2: Annotated[float, Field(ge=0, description="L2 penalty on the kernels.")] = 0.0,
    name: Annotated[str, Field(description="Keeps two blocks with equal settings apart.")] = "",
) -> Logit:
    """Add products of ever higher order: x_(l+1) = x_0 * (W_l x_l + b_l) + x_l.

    Beside a `dnn` on the same embedding it is DCN-v2 in its parallel form.

    Shapes: the embedded fields in a row, F * K numbers, stay as many through all layers; one more
            kernel makes the logit, the projection takes all F * K.
    Units:  a full kernel has (F * K)^2 weights, one of rank r 2 * r * F * K; dropout is a rate.
    Errors: none.
    Source: Wang et al. 2021, "DCN V2", equations 1 and 2.
    """
    parameters = {"layers": layers, "rank": rank, "dropout": dropout, "l2": l2, "name": name}
    return stack(embedding, "cross_network", parameters)

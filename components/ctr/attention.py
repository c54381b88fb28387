"""Describe the self-attention between fields of AutoInt."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from studio.component import Embedding, Logit, component

from ._blocks import stack


@component(title="Attention", category="CTR model", version="1.0")
def attention(
    embedding: Embedding,
    *,
    layers: Annotated[
        int, Field(ge=1, le=16, description="Each lets what fields have mixed mix again.")
    ] = 3,
    heads: Annotated[int, Field(ge=1, le=64, description="Mixes that a layer learns.")] = 2,
    head_size: Annotated[int, Field(ge=1, le=512, description="Numbers a mix has.")] = 16,
    residual: Annotated[
        bool, Field(description="Add what the field was before, through a kernel of its own.")
    ] = True,
    dropout: Annotated[
        float, Field(ge=0, lt=1, description="Share of the features left out while training.")
    ] = 0.0,
    l2: Annotated[float, Field(ge=0, description="L2 penalty on the kernels.")] = 0.0,
    name: Annotated[str, Field(description="Keeps two blocks with equal settings apart.")] = "",
) -> Logit:
    """Let every field look at all fields and take over a mix of them, layer by layer.

    Alone it is AutoInt, beside a `dnn` on the same embedding AutoInt+.

    Shapes: (n, F, K) -> (n, F, heads * head_size) after each layer; one more kernel makes the
            logit, the projection takes all F * heads * head_size.
    Units:  weights of a mix are a softmax over the F fields, not scaled; dropout is a rate.
    Errors: none.
    Source: Song et al. 2019, "AutoInt", equations 5 to 9.
    """
    parameters = {
        "layers": layers,
        "heads": heads,
        "head_size": head_size,
        "residual": residual,
        "dropout": dropout,
        "l2": l2,
        "name": name,
    }
    return stack(embedding, "attention", parameters)

"""Describe the first-order part of a model: one weight for every feature."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from studio.component import Embedding, Logit, component

from ._blocks import stack


@component(title="Linear", category="CTR model", version="1.0")
def linear(
    embedding: Embedding,
    *,
    dropout: Annotated[
        float, Field(ge=0, lt=1, description="Share of the terms left out while training.")
    ] = 0.0,
    l2: Annotated[
        float,
        Field(ge=0, description="L2 penalty on the weights of the features in a batch."),
    ] = 0.0,
    name: Annotated[str, Field(description="Keeps two blocks with equal settings apart.")] = "",
) -> Logit:
    """Add a weight for every feature: logistic regression, or the first order of an FM.

    The weights start at zero and lie in the same table rows as the vectors of the embedding.

    Shapes: F terms x_f * w_f a row; their sum is the logit, the projection takes all F.
    Units:  dropout is a rate (0 keeps all), l2 multiplies half the sum of squares.
    Errors: none.
    Source: Guo et al. 2017, "DeepFM", equation 2.
    """
    parameters = {"dropout": dropout, "l2": l2, "name": name}
    return stack(embedding, "linear", parameters)

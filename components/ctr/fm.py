"""Describe the second-order part of a factorization machine."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from studio.component import Embedding, Logit, component

from ._blocks import stack


@component(title="FM", category="CTR model", version="1.0")
def fm(
    embedding: Embedding,
    *,
    dropout: Annotated[
        float, Field(ge=0, lt=1, description="Share of the factors left out while training.")
    ] = 0.0,
    name: Annotated[str, Field(description="Keeps two blocks with equal settings apart.")] = "",
) -> Logit:
    """Add the interaction of every two fields: the inner product of their vectors.

    It has no weights of its own: everything it knows is in the embedding that it shares.

    Shapes: K numbers a row, one a factor; their sum is the logit, the projection takes all K.
    Units:  dropout is a rate (0 keeps all).
    Errors: none.
    Source: Rendle 2010, "Factorization Machines", lemma 3.1.
    """
    return stack(embedding, "fm", {"dropout": dropout, "name": name})

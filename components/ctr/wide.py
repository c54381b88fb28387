"""Describe the wide part of a model: a weight for every combination of features."""

from __future__ import annotations

from difflib import get_close_matches
from itertools import accumulate
from typing import Annotated

from pydantic import Field

from studio.component import ComponentError, Embedding, Logit, component, say

from ._blocks import field_slots, last_block, stack

Fields = Annotated[list[str], Field(min_length=2, max_length=8)]


@component(title="Wide crosses", category="CTR model", version="1.0")
def wide(
    embedding: Embedding,
    *,
    crosses: Annotated[
        list[Fields], Field(min_length=1, description="Fields that are crossed, cross by cross.")
    ],
    buckets: Annotated[
        int,
        Field(ge=2, le=10_000_000, description="Weights of a cross; combinations share them."),
    ] = 10_000,
    dropout: Annotated[
        float, Field(ge=0, lt=1, description="Share of the crosses left out while training.")
    ] = 0.0,
    l2: Annotated[float, Field(ge=0, description="L2 penalty on all weights.")] = 0.0,
    name: Annotated[str, Field(description="Keeps two blocks with equal settings apart.")] = "",
) -> Logit:
    """Memorise combinations: one weight for what some fields are together, found by a hash.

    Beside `linear` and a `dnn` on the same embedding it is Wide & Deep. What is unknown or missing
    is a value like others. For a cross with a vocabulary of its own, and factors, name it in the
    feature map instead.

    Shapes: C crosses -> C terms a row; their sum is the logit, the projection takes all C.
    Units:  C * buckets weights; every step of the optimizer moves all of them.
    Errors: ComponentError when a field is not in the feature map, is multi-valued, or stands
            twice in a cross.
    Source: Cheng et al. 2016, "Wide & Deep Learning for Recommender Systems".
    """
    described = last_block(embedding)["parameters"]
    fields = list(described["fields"])
    several = _multi_valued(fields, field_slots(described))
    for cross in crosses:
        _check(cross, fields, several)
    parameters = {
        "crosses": crosses,
        "places": [[fields.index(field) for field in cross] for cross in crosses],
        "buckets": buckets,
        "dropout": dropout,
        "l2": l2,
        "name": name,
    }
    return stack(embedding, "wide", parameters)


def _multi_valued(fields: list[str], slots: tuple[int, ...]) -> set[str]:
    """The names of the cells that belong to a field of several."""
    ends = accumulate(slots)
    return {
        name
        for end, count in zip(ends, slots, strict=True)
        if count > 1
        for name in fields[end - count : end]
    }


def _check(cross: list[str], fields: list[str], several: set[str]) -> None:
    for field in cross:
        if field in several:
            raise ComponentError(
                say(
                    "The field {field!r} is multi-valued: it has no single value to cross.",
                    field=field,
                ),
                hint="Cross fields of one value.",
                parameter="crosses",
                code="column.use",
            )
        if field not in fields:
            near = get_close_matches(field, fields, n=1) or fields[:5]
            raise ComponentError(
                say("The feature map has no field {field!r} to cross.", field=field),
                hint=say("Did you mean {near}?", near=", ".join(map(repr, near))),
                parameter="crosses",
                code="column.missing",
            )
    if len(set(cross)) < len(cross):
        raise ComponentError(
            say("The cross of {cross} has a field twice.", cross=", ".join(map(repr, cross))),
            hint="Name different fields.",
            parameter="crosses",
            code="crosses.repeated",
        )

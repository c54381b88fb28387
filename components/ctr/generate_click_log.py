"""Generate a log of clicks, with as much of each kind of effect as is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import numpy as np
import pyarrow as pa
from pydantic import Field

from studio.component import ComponentError, Schema, TableWithRoles, component, context, say

from ._click_log import first_order, higher_order, make_fields, pairwise

if TYPE_CHECKING:
    Array = np.ndarray[Any, np.dtype[Any]]

LABEL, PROBABILITY, ROW = "clicked", "__probability__", "__row__"
_FEWEST = 3  # fields, so that there is a product of three


def _schema(*, fields: int, **_: Any) -> Schema:
    ids = {f"f{n:02}": "int64" for n in range(fields)}
    types = {**ids, LABEL: "int64", PROBABILITY: "double", ROW: "int64"}
    return Schema(types, {"label": [LABEL]})


@component(title="Generate click log", category="Source and target", version="1.0", schema=_schema)
def generate_click_log(
    *,
    rows: Annotated[int, Field(ge=1, le=100_000_000, description="Rows of the table.")] = 200_000,
    fields: Annotated[
        int, Field(ge=_FEWEST, le=1000, description="Columns of ids, from few ids to many.")
    ] = 39,
    vocabulary: Annotated[
        int, Field(ge=1, le=100_000_000, description="Different ids of all fields together.")
    ] = 100_000,
    zipf: Annotated[
        float,
        Field(ge=0, le=5, description="The n-th id of a field is n^-zipf as frequent; 0: alike."),
    ] = 1.3,
    first_order_share: Annotated[
        float, Field(ge=0, description="Share of the logit's variance that one field explains.")
    ] = 0.40,
    pairwise_share: Annotated[
        float, Field(ge=0, description="Share that two fields explain, and one does not.")
    ] = 0.35,
    higher_order_share: Annotated[
        float, Field(ge=0, description="Share that three fields explain, and two do not.")
    ] = 0.25,
    spread: Annotated[
        float, Field(gt=0, le=20, description="Standard deviation of the logit.")
    ] = 2.0,
    base_rate: Annotated[
        float, Field(gt=0, lt=1, description="Mean probability of a click.")
    ] = 0.25,
    seed: Annotated[int, Field(ge=0, description="Another seed gives another log.")] = 0,
) -> pa.Table:
    """Make a table of ids and clicks whose true probabilities are known.

    The shares say how much there is to learn for a linear model, for a factorization machine and
    for a network on top: no sum of functions of fewer fields explains any part of a share. Fields
    are independent; their ids are whole numbers that do not tell how frequent they are. The true
    probability, whose AUC no model can beat, stands in `__probability__`, which is never a feature.

    Shapes: -> table (rows, fields + 3): f00, f01, ..., clicked, `__probability__` and the ordinal
            `__row__`.
    Units:  shares of variance, 0 to 1, 1 in all; spread in units of the logit.
    Errors: ComponentError when the shares are not 1 in all, or there are less than 3 ids a field.
    Source: functional analysis of variance, as in Hoeffding 1948.
    """
    shares = (first_order_share, pairwise_share, higher_order_share)
    _check(shares, fields, vocabulary)
    random = np.random.default_rng(seed)
    made = make_fields(fields, vocabulary, zipf)
    ids = [field.draw(random, rows) for field in made]
    context.progress(0.5, "ids drawn")
    logit = np.zeros(rows)
    for effect, share in zip((first_order, pairwise, higher_order), shares, strict=True):
        logit += np.sqrt(share) * _standardised(effect(made, ids, random))
    logit *= spread
    logit += _intercept(logit, base_rate)
    probability = _sigmoid(logit)
    clicked = (random.random(rows) < probability).astype(np.int64)
    columns: dict[str, Any] = {
        f"f{n:02}": random.permutation(field.size)[column]
        for n, (field, column) in enumerate(zip(made, ids, strict=True))
    }
    columns |= {LABEL: clicked, PROBABILITY: probability, ROW: np.arange(rows)}
    table: pa.Table = _with_label(pa.table(columns))
    return table


def _with_label(table: pa.Table) -> Any:
    return TableWithRoles(table, {"label": [LABEL]})


def _check(shares: tuple[float, ...], fields: int, vocabulary: int) -> None:
    if abs(sum(shares) - 1) > 1e-9:
        raise ComponentError(
            say("The shares are {shares:g} in all, not 1.", shares=sum(shares)),
            hint="Change one of first_order_share, pairwise_share and higher_order_share.",
            parameter="first_order_share",
            code="shares.sum",
        )
    if vocabulary < _FEWEST * fields:
        raise ComponentError(
            say(
                "{vocabulary:,} ids are too few for {fields} fields.",
                vocabulary=vocabulary,
                fields=fields,
            ),
            hint=say("Take at least {fewest:,}: three a field.", fewest=_FEWEST * fields),
            parameter="vocabulary",
            code="parameter.range",
        )


def _standardised(effect: Array) -> Array:
    deviation = effect.std()
    result: Array = (effect - effect.mean()) / (deviation if deviation > 0 else 1.0)
    return result


def _sigmoid(logit: Array) -> Array:
    result: Array = 1 / (1 + np.exp(-logit))
    return result


def _intercept(logit: Array, base_rate: float) -> float:
    """What is to be added so that the mean probability is the base rate, by halving."""
    low, high = -100.0, 100.0
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if _sigmoid(logit + middle).mean() > base_rate else (middle, high)
    return (low + high) / 2

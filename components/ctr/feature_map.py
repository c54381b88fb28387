"""Fit what every column of a training table becomes: numbers, buckets and vocabularies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

import ibis
from pydantic import Field

from studio.component import Column, ComponentError, FeatureMap, component

from ._feature_queries import see_every_nan
from ._features import Options, Transform, list_features
from ._fields import missing_texts
from ._fitting import Fitting, Items

_Names = Sequence[Column]


@component(title="Feature map", category="Feature engineering", version="1.0")
def feature_map(
    table: ibis.Table,
    *,
    label: Annotated[
        Column | None, Field(description="Column to predict; never a feature.")
    ] = None,
    numeric: Annotated[
        Sequence[Column] | None,
        Field(description="Columns used as numbers; empty for all floating-point columns."),
    ] = None,
    ignore: Annotated[_Names, Field(description="Columns that are no features.")] = [],
    numeric_transform: Annotated[
        Transform,
        Field(
            description="standardise: mean 0, deviation 1. log: sign(x) ln(1 + |x|), at most 1. "
            "quantile, equal_width: buckets, each a feature of its own."
        ),
    ] = "standardise",
    transforms: Annotated[
        Mapping[Column, Transform], Field(description="Other transforms, by column.")
    ] = {},
    buckets: Annotated[
        int, Field(ge=2, le=10_000, description="Buckets of a bucketed number, at most.")
    ] = 10,
    min_count: Annotated[
        int, Field(ge=1, description="Rarer values of a category count as unknown.")
    ] = 1,
    min_counts: Annotated[
        Mapping[str, int], Field(description="Other minimum counts, by column.")
    ] = {},
    hashed: Annotated[
        Sequence[str],
        Field(description="Categories with a bucket by hash instead of a vocabulary."),
    ] = [],
    hash_buckets: Annotated[
        int, Field(ge=1, le=2**30, description="Buckets of each hashed category.")
    ] = 1000,
    multi_valued: Annotated[_Names, Field(description="Columns of texts of several items.")] = [],
    separator: Annotated[
        str, Field(min_length=1, description="Multi-valued: what stands between items.")
    ] = "|",
    weight_separator: Annotated[
        str | None,
        Field(min_length=1, description="Multi-valued: between an item and its weight, if any."),
    ] = None,
    max_values: Annotated[
        int, Field(ge=1, le=1000, description="Multi-valued: items kept of a row, at most.")
    ] = 10,
    combine: Annotated[
        Literal["mean", "sum"],
        Field(description="Multi-valued: mean divides the items' weights by their sum."),
    ] = "mean",
    crosses: Annotated[
        Sequence[Sequence[Column]],
        Field(description="Columns whose values together are a feature, named `a*b`."),
    ] = [],
    shared: Annotated[
        Sequence[Sequence[Column]],
        Field(description="Groups of columns that share one vocabulary, and so one embedding."),
    ] = [],
    missing_values: Annotated[
        Sequence[str | float],
        Field(description="Values that mean missing in every column, such as -1."),
    ] = [],
) -> FeatureMap:
    """Give every feature of a training table its index, fitted on that table alone.

    A numeric column takes two indices: one for the value, one for a missing value. A bucketed one
    takes one for missing and one a bucket. Every other column is categorical: an index for
    missing, one for unknown (rarer than `min_count`, or not in this table), and one for each
    value, frequent ones first; or, hashed, one for missing and one a bucket, with the number of
    values that collided. A value is known by its text, so 1, 1.0 and "1" are the same. Null and
    NaN are missing. A multi-valued column takes as many places of a row as its longest list has
    items, `max_values` at most. A column that is constant or never filled is a feature all the
    same; one with another value in every row, or without a value, is warned of in the log.

    Shapes: table (n, d) -> F fields with V indices 0..V-1 in all.
    Units:  mean, std, min and max in the units of the column, 12 significant digits.
    Errors: ComponentError when the table has no rows, a name is no column, a column is used in
            two ways or of a type that cannot be a feature, no column is left, a number is
            infinite or beyond what a float32 holds, or the weight of an item is no number.
    Source: PAI-Studio's DeepFM article, its feature dictionary, here without the test table.
    """
    options = Options(
        label=label,
        numeric=numeric,
        ignore=ignore,
        transform=numeric_transform,
        transforms=transforms,
        min_count=min_count,
        min_counts=min_counts,
        hashed=hashed,
        many=multi_valued,
        crosses=crosses,
        shared=shared,
    )
    features = list_features(table.schema(), options)
    see_every_nan(table)
    items = Items(separator, weight_separator, max_values, combine)
    missing = missing_texts(missing_values)
    fitting = Fitting(table, features, missing, buckets, hash_buckets, items, shared)
    if fitting.rows == 0:
        raise ComponentError(
            "The table has no rows, so there is nothing to fit.",
            hint="Check the filters and splits before this step.",
            code="data.no_rows",
        )
    fields, size = fitting.fields()
    return FeatureMap(
        {
            "format": 1,
            "label": label,
            "rows": fitting.rows,
            "feature_size": size,
            "missing_values": missing,
            "fields": fields,
        }
    )

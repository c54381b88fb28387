"""Measure how good scores are, for one scored table or for many side by side."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from studio.component import Column, ComponentError, Report, component, say

from ._comparison import compare_all, rank
from ._labels import check_binary, check_two_classes
from ._report import FEW_POSITIVES, Asked, Scored, describe
from ._slices import Slicing, slice_rows

if TYPE_CHECKING:
    Array = np.ndarray[Any, np.dtype[Any]]


class _Columns(NamedTuple):
    """Which column of a scored table is what."""

    label: str
    score: str
    group: str | None
    slice_by: str | None


@component(title="Evaluate", category="Evaluation", version="1.0")
def evaluate(
    tables: list[pa.Table],
    *,
    label: Annotated[Column, Field(description="Column of the true class, 0 or 1.")],
    score: Annotated[
        Column, Field(description="Column of the probability of class 1.")
    ] = "prediction_score",
    threshold: Annotated[
        float, Field(ge=0, le=1, description="Score from which a row is called positive.")
    ] = 0.5,
    group: Annotated[
        Column | None,
        Field(description="Column of the user or session, for the group AUC and the NDCG."),
    ] = None,
    ndcg_at: Annotated[
        int | None, Field(ge=1, description="Rows of a group that count; empty means 10.")
    ] = None,
    slice_by: Annotated[
        Column | None, Field(description="Column by whose values the rows are measured apart, too.")
    ] = None,
    bootstrap_rounds: Annotated[
        int, Field(ge=20, le=10_000, description="Draws for the intervals of the metrics.")
    ] = 200,
    seed: Annotated[int, Field(ge=0, description="Of the draws.")] = 0,
    names: Annotated[
        list[str], Field(description="A name for every table, in order; empty to number them.")
    ] = [],
) -> Report:
    """Compute ranking, probability and decision metrics of scored tables, and their curves.

    `normalised_entropy` is the log-loss against that of the base rate: 1 means nothing learned.
    Tables with the same labels in the same order are compared in pairs, with a verdict; models
    are ranked only where the rarer class has at least 50 rows. docs/report.md says what a report
    holds.

    Shapes: tables of (n_i, d) -> one entry of metrics a table, one comparison a pair.
    Units:  log-losses in nats; ks, shares and areas 0 to 1; gini and calibration as ratios;
            intervals of 95 %.
    Errors: ComponentError for a column that is missing, a label other than 0 or 1, labels of one
            class, scores that are missing or outside 0 to 1, names that are not one a table, and
            `ndcg_at` without `group`.
    Source: DeLong et al. 1988 for AUC intervals, Poisson bootstrap for the others; He et al. 2014
            for the normalised entropy; Holm 1979 for several comparisons.
    """
    if ndcg_at is not None and group is None:
        raise _no_groups()
    asked = Asked(threshold, ndcg_at or 10, bootstrap_rounds, seed)
    columns = _Columns(label, score, group, slice_by)
    scored = [
        _read(table, name, columns)
        for table, name in zip(tables, _names(tables, names), strict=True)
    ]
    models = [describe(one, asked) for one in scored]
    comparisons = compare_all(scored)
    document = {
        "format": 1,
        "models": models,
        "metrics": models[0]["metrics"],
        "threshold": threshold,
        "slice_by": slice_by,
        "comparisons": comparisons,
        "ranking": rank(scored, [one["metrics"]["auc"] for one in models], comparisons),
        "notes": [note for one in scored for note in _notes(one)],
    }
    return Report(document)


def _no_groups() -> ComponentError:
    return ComponentError(
        "'ndcg_at' is set, but would do nothing: no group column is named.",
        hint="Name a 'group' column, or clear 'ndcg_at'.",
        parameter="ndcg_at",
        code="parameter.without_effect",
    )


def _names(tables: list[pa.Table], names: list[str]) -> list[str]:
    if not tables:
        raise ComponentError(
            "No scored table is connected.", hint="Connect the output of 'predict'."
        )
    chosen = names or [f"model {number}" for number in range(1, len(tables) + 1)]
    if len(chosen) != len(tables) or len(set(chosen)) != len(chosen):
        raise ComponentError(
            say(
                "{count} tables are connected, but 'names' has {count2} different names.",
                count=len(tables),
                count2=len(set(chosen)),
            ),
            hint="Give every table its own name, or leave 'names' empty.",
            parameter="names",
        )
    return chosen


def _read(table: pa.Table, name: str, columns: _Columns) -> Scored:
    if table.num_rows == 0:
        raise ComponentError(
            say("The table of '{name}' has no rows.", name=name),
            hint="Check the filters and splits before this step.",
            code="table.empty",
        )
    where = f"table of '{name}'"
    labels = _numbers(table, columns.label, where, "label")
    check_binary(labels, columns.label, where, parameter="label")
    check_two_classes(
        labels,
        columns.label,
        where,
        hint="Take more rows, or split by stratum, so that both classes are there.",
        parameter="label",
    )
    scores = _numbers(table, columns.score, where, "score")
    _check_scores(scores, columns.score, where)
    groups = _groups(table, columns.group, where)
    return Scored(name, labels, scores, groups, _slicing(table, columns.slice_by, where))


def _numbers(table: pa.Table, column: str, where: str, parameter: str) -> Array:
    values = _column(table, column, where, parameter)
    kind = values.type
    if not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind)):
        raise ComponentError(
            say(
                "Column '{column}' of the {where} holds {kind}, not numbers.",
                column=column,
                where=where,
                kind=kind,
            ),
            hint="Choose another column, or make it a number before.",
            parameter=parameter,
            code="column.type",
        )
    filled = pc.fill_null(pc.cast(values, pa.float64()), float("nan"))
    return np.asarray(filled.to_numpy(), np.float64)


def _column(table: pa.Table, column: str, where: str, parameter: str) -> Any:
    if column not in table.column_names:
        near = get_close_matches(column, table.column_names, n=1) or table.column_names[:5]
        raise ComponentError(
            say("The {where} has no column '{column}'.", where=where, column=column),
            hint=say("Did you mean {near}?", near=", ".join(map(repr, near))),
            parameter=parameter,
            code="column.missing",
        )
    return table.column(column)


def _check_scores(scores: Array, column: str, where: str) -> None:
    wrong = np.flatnonzero(~((scores >= 0) & (scores <= 1)))
    if len(wrong):
        row = int(wrong[0])
        what = "missing" if np.isnan(scores[row]) else f"{scores[row]:g}"
        raise ComponentError(
            say(
                "The score '{column}' of the {where} is {what} in row {row}; it "
                "must be a probability, 0 to 1 ({count:,} of {count2:,} rows are "
                "not).",
                column=column,
                where=where,
                what=what,
                row=row + 1,
                count=len(wrong),
                count2=len(scores),
            ),
            hint="Choose the column of the probabilities, or filter those rows out.",
            parameter="score",
            code="score.invalid",
            row=row + 1,
        )


def _groups(table: pa.Table, group: str | None, where: str) -> Array | None:
    """A number for every group; rows without one are a group, too."""
    if group is None:
        return None
    values = _column(table, group, where, "group").combine_chunks()
    codes: Array = pc.dictionary_encode(values, null_encoding="encode").indices.to_numpy()
    return codes


def _slicing(table: pa.Table, slice_by: str | None, where: str) -> Slicing | None:
    return None if slice_by is None else slice_rows(_column(table, slice_by, where, "slice_by"))


def _notes(one: Scored) -> list[str]:
    if one.rarer >= FEW_POSITIVES:
        return []
    return [
        f"'{one.name}' has only {one.rarer} rows of the rarer class: look at the interval of the "
        "AUC before choosing a model by it."
    ]

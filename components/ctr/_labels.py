"""Refuse labels that nothing can be learned from or measured on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from studio.component import ComponentError, say

if TYPE_CHECKING:
    Array = np.ndarray[Any, np.dtype[Any]]


def check_binary(label: Array, column: str, where: str, parameter: str | None = None) -> None:
    """Every label must be 0 or 1; the first other one is named."""
    wrong = np.flatnonzero((label != 0) & (label != 1))
    if not len(wrong):
        return
    row = int(wrong[0])
    value = label[row]
    what = "is missing" if np.isnan(value) else f"is {value:g}"
    raise ComponentError(
        say(
            "The label '{column}' of the {where} {what} in row {row}; it must "
            "be 0 or 1 ({count:,} of {count2:,} rows are not).",
            column=column,
            where=where,
            what=what,
            row=row + 1,
            count=len(wrong),
            count2=len(label),
        ),
        hint="Filter those rows out, or make the column 0 and 1 before.",
        code="label.missing" if np.isnan(value) else "label.not_binary",
        parameter=parameter,
        row=row + 1,
    )


def check_two_classes(
    label: Array, column: str, where: str, hint: str, parameter: str | None = None
) -> None:
    """There must be rows of both classes."""
    positives = int((label > 0).sum())
    if 0 < positives < len(label):
        return
    raise ComponentError(
        say(
            "The label '{column}' of the {where} has one class only: all "
            "{count:,} rows are {value}.",
            column=column,
            where=where,
            count=len(label),
            value=int(positives > 0),
        ),
        hint=hint,
        code="label.single_class",
        parameter=parameter,
    )

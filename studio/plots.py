"""Plots in a report: pictures of Matplotlib, figures of Plotly and Vega-Lite as data."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Mapping
from typing import Any

from studio.errors import ComponentError, say

_MAX_SIZE = 4 << 20


def plot(figure: Any, title: str = "") -> dict[str, Any]:
    """A plot for the list `plots` of a report: `Report({"plots": [plot(figure, "Loss")]})`.

    figure: a figure or axes of Matplotlib, kept as a picture; a figure of Plotly, a chart of
    Altair or a Vega-Lite specification, kept as data that the studio draws.
    Raises ComponentError for anything else, and for more than 4 MiB.
    """
    found = {"title": title, **_as_data(figure)}
    if len(json.dumps(found, default=str)) > _MAX_SIZE:
        hint = "Draw fewer points: a sample, or counts in bins."
        raise ComponentError(say("The plot {title!r} has more than 4 MiB.", title=title), hint=hint)
    return found


def _as_data(figure: Any) -> dict[str, Any]:
    if isinstance(figure, Mapping):
        if "vega-lite" not in str(figure.get("$schema", "")):
            hint = 'Give it a "$schema" of Vega-Lite.'
            raise ComponentError("This is no specification of Vega-Lite.", hint=hint)
        return {"kind": "vega-lite", "spec": dict(figure)}
    library = type(figure).__module__.partition(".")[0]
    if library == "matplotlib":
        return {"kind": "image", "media_type": "image/png", "data": _picture(figure)}
    if library == "plotly":
        return {"kind": "plotly", "figure": json.loads(figure.to_json())}
    if library == "altair":
        return {"kind": "vega-lite", "spec": figure.to_dict()}
    name = f"{type(figure).__module__}.{type(figure).__qualname__}"
    hint = "Give a figure of Matplotlib, Plotly or Altair, or a Vega-Lite specification."
    raise ComponentError(say("A {name} is no plot.", name=name), hint=hint)


def _picture(figure: Any) -> str:
    buffer = io.BytesIO()
    whole = figure if hasattr(figure, "savefig") else figure.figure
    # Without the date and the version that it was made with, equal figures are equal bytes.
    whole.savefig(buffer, format="png", dpi=120, metadata={"Software": None})
    return base64.b64encode(buffer.getvalue()).decode()

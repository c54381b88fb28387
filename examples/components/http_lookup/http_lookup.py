"""Ask a service about each value; the sandbox lets it reach that service and nothing else."""

from __future__ import annotations

import json
import urllib.parse
import urllib.request
from typing import Annotated, Any

import pandas as pd
from pydantic import Field

from studio.component import ComponentError, component, context


@component(
    title="HTTP lookup",
    category="Data source",
    volatile=True,
    network=["api.example.com"],  # port 443; another one is written behind it: "host:8080"
)
def http_lookup(
    table: Annotated[pd.DataFrame, "Rows with the values to ask about."],
    *,
    column: Annotated[str, Field(description="Column of values.")] = "category",
    url: Annotated[
        str, Field(description="Address with {value} in it; it answers with a JSON object.")
    ] = "https://api.example.com/lookup?q={value}",
    field: Annotated[str, Field(description="Key of the answer that is kept.")] = "name",
    timeout: Annotated[float, Field(gt=0, le=60, description="Seconds for one answer.")] = 10.0,
) -> pd.DataFrame:
    """Add `<column>_<field>`: what the service says of each value, asked once a value.

    Shapes: table (n, d) -> table (n, d + 1).
    Units:  timeout in seconds.
    Errors: ComponentError when the service does not answer, or is not a host that the component
            names; nothing is guessed.
    """
    if column not in table:
        raise ComponentError(f"There is no column {column!r}.", parameter="column")
    values = table[column].dropna().unique()
    answers = {}
    for number, value in enumerate(values):
        context.progress(number / len(values), str(value))
        address = url.replace("{value}", urllib.parse.quote(str(value), safe=""))
        answers[value] = _ask(address, timeout).get(field)
    return table.assign(**{f"{column}_{field}": table[column].map(answers).astype("string")})


def _ask(address: str, timeout: float) -> dict[str, Any]:
    try:
        with urllib.request.urlopen(address, timeout=timeout) as answer:
            found = json.load(answer)
    except (OSError, ValueError) as error:
        raise ComponentError(f"The service gave no answer: {error}.", parameter="url") from None
    return found if isinstance(found, dict) else {}

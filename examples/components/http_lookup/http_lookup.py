"""Ask a service about each value, at named hosts only."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from typing import Annotated, Any

import pandas as pd
from pydantic import Field

from studio.component import ComponentError, component, context

HOSTS = ["api.example.com"]


@component(title="HTTP lookup", category="Data source", volatile=True, network=HOSTS)
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
    Errors: ComponentError when the host is not one of those that the component names, or does not
            answer; nothing is guessed.
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


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect could lead to any host."""

    def redirect_request(self, *_: Any) -> None:
        return None


def _ask(address: str, timeout: float) -> dict[str, Any]:
    host = urllib.parse.urlsplit(address).hostname
    if host not in HOSTS:
        raise ComponentError(
            f"{host} is not one of the hosts: {', '.join(HOSTS)}.", parameter="url"
        )
    try:
        with urllib.request.build_opener(_NoRedirect).open(address, timeout=timeout) as answer:
            found = json.load(answer)
    except (OSError, ValueError) as error:
        raise ComponentError(f"{host} gave no answer: {error}.") from None
    return found if isinstance(found, dict) else {}

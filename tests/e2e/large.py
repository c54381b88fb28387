"""A large pipeline of real components, as dense as a layout makes it: for budgets of the canvas."""

from __future__ import annotations

from pathlib import Path
from typing import Any

Json = dict[str, Any]

COLUMNS, DX, DY = 40, 260, 120
_CLICKS = str(Path(__file__).resolve().parents[2] / "pipelines" / "data" / "clicks.csv")
_SQL = {"query": "SELECT * FROM t1"}


def large_pipeline(size: int = 1000) -> Json:
    """Tables in ranks of 40: each node stands below one of the rank above, every third below two.

    1,000 nodes have 1,272 edges and fill 10,360 x 2,944 pixels at zoom 1.
    """
    nodes = [_node(number) for number in range(size)]
    edges = [edge for number in range(COLUMNS, size) for edge in _edges(number)]
    places = {
        f"n{number}": {"x": number % COLUMNS * DX, "y": number // COLUMNS * DY}
        for number in range(size)
    }
    return {
        "schema_version": 1,
        "name": f"{size} nodes",
        "nodes": nodes,
        "edges": edges,
        "layout": {"nodes": places},
    }


def _node(number: int) -> Json:
    component, parameters = _what(number)
    name = f"{component.replace('_', ' ').capitalize()} {number}"
    return {"id": f"n{number}", "component": component, "name": name, "parameters": parameters}


def _what(number: int) -> tuple[str, Json]:
    if number < COLUMNS:
        return "read_table", {"path": _CLICKS}
    return ("sql", _SQL) if number % 3 == 0 else ("split", {"fraction": 0.5})


def _edges(number: int) -> list[Json]:
    above = number - COLUMNS
    if number % 3 or number % COLUMNS == COLUMNS - 1:
        return [_edge(above, number, "t1" if number % 3 == 0 else "table")]
    return [_edge(above, number, "t1"), _edge(above + 1, number, "t2")]


def _edge(source: int, target: int, port: str) -> Json:
    output = "table" if source < COLUMNS or source % 3 == 0 else "train"
    return {
        "source": {"node": f"n{source}", "port": output},
        "target": {"node": f"n{target}", "port": port},
    }

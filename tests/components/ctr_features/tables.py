"""Awkward tables, made by hypothesis: every type, null, NaN, both zeros, any text."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import strategies as st

NUMERIC = ("price", "age")

_floats = st.one_of(
    st.none(),
    st.sampled_from([0.0, -0.0, 1.0, -1.0, 0.1, 1e-7, 123456789.0, 1e22, float("nan")]),
    st.floats(allow_infinity=False),
)
_numbers = st.one_of(
    st.none(),
    st.sampled_from([0.0, -0.0, -1.0, 0.1, float("nan")]),
    st.floats(-1e30, 1e30, allow_subnormal=False),
)
_ints = st.one_of(st.none(), st.integers(-3, 3), st.integers(-(2**63), 2**63 - 1))
_texts = st.one_of(
    st.none(),
    st.sampled_from(["", " ", "1", "-1", "true", "é", "e\u0301", "點擊", "🙂", "None", "nan", "'"]),
    st.text(st.characters(codec="utf-8"), max_size=5),
)
_TYPES = {
    "price": (_numbers, pa.float64()),
    "age": (_ints, pa.int64()),
    "ratio": (_floats, pa.float64()),
    "user": (_ints, pa.int64()),
    "is new": (st.one_of(st.none(), st.booleans()), pa.bool_()),
    "city.name": (_texts, pa.string()),
    "tag`s": (_texts, pa.string()),
}


@st.composite
def tables(draw: st.DrawFn, max_rows: int = 25) -> pa.Table:
    rows = draw(st.integers(1, max_rows))
    columns = {
        name: pa.array(draw(st.lists(values, min_size=rows, max_size=rows)), type_)
        for name, (values, type_) in _TYPES.items()
    }
    return pa.table({**columns, "__row__": pa.array(range(rows), pa.int64())})

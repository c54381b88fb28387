"""Which features a table gives, by the parameters of `feature_map`; what cannot be is refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import ibis.expr.datatypes as dt

from studio.component import ComponentError, say

from ._feature_queries import KINDS
from ._fields import nearest_columns

Transform = Literal["raw", "standardise", "log", "quantile", "equal_width"]
BUCKETED = ("quantile", "equal_width")
CROSS = "*"


@dataclass(frozen=True)
class Feature:
    """One feature: a number, or texts (of one column or of several crossed) with an index each.

    transform: of a number; None for texts. kinds: of the columns, each one of KINDS.
    """

    name: str
    columns: tuple[str, ...]
    kinds: tuple[str, ...]
    transform: Transform | None = None
    hashed: bool = False
    many: bool = False
    min_count: int = 1


@dataclass(frozen=True)
class Options:
    """The parameters of `feature_map` that say what columns become."""

    label: str | None
    numeric: Sequence[str] | None
    ignore: Sequence[str]
    transform: Transform
    transforms: Mapping[str, Transform]
    min_count: int
    min_counts: Mapping[str, int]
    hashed: Sequence[str]
    many: Sequence[str]
    crosses: Sequence[Sequence[str]]
    shared: Sequence[Sequence[str]]


def list_features(schema: Mapping[str, dt.DataType], options: Options) -> list[Feature]:
    """Features in the order of the columns, then those of crossed columns."""
    _check_names(schema, options)
    left_out = {options.label, *options.ignore}
    types = {n: t for n, t in schema.items() if n not in left_out and not n.startswith("__")}
    if not types:
        raise _refuse("No column is left to be a feature.", "Shorten ignore.", "ignore", "empty")
    kinds = {name: _kind(name, type_, options.numeric) for name, type_ in types.items()}
    _check_types({name: types[name] for name, kind in kinds.items() if kind is None}, options)
    features = [_feature(name, str(kind), options) for name, kind in kinds.items()]
    features += [_cross(columns, schema, options) for columns in options.crosses]
    _check_uses(features, options)
    return features


def _feature(name: str, kind: str, options: Options) -> Feature:
    if kind == "numeric":
        transform = options.transforms.get(name, options.transform)
        return Feature(name, (name,), (kind,), transform)
    return Feature(
        name,
        (name,),
        (kind,),
        hashed=name in options.hashed,
        many=name in options.many,
        min_count=options.min_counts.get(name, options.min_count),
    )


def _cross(columns: Sequence[str], schema: Mapping[str, dt.DataType], options: Options) -> Feature:
    if len(set(columns)) < 2 or len(set(columns)) < len(columns):
        raise _refuse(
            say(
                "A cross takes two or more different columns, not {columns}.", columns=list(columns)
            ),
            "Name the columns that are crossed.",
            "crosses",
            "cross",
        )
    kinds = {name: _kind(name, schema[name], []) for name in columns}
    _check_types({name: schema[name] for name in columns if kinds[name] is None}, options)
    name = CROSS.join(columns)
    return Feature(
        name,
        tuple(columns),
        tuple(str(kind) for kind in kinds.values()),
        hashed=name in options.hashed,
        min_count=options.min_counts.get(name, options.min_count),
    )


def _kind(name: str, type_: dt.DataType, numeric: Sequence[str] | None) -> str | None:
    by_default = type_.is_floating() or type_.is_decimal()
    if by_default if numeric is None else name in numeric:
        return "numeric" if type_.is_numeric() else None  # a boolean counts as a number, too
    return next((kind for kind in KINDS if getattr(type_, f"is_{kind}")()), None)


def _check_names(columns: Iterable[str], options: Options) -> None:
    columns = list(columns)
    crosses = [CROSS.join(cross) for cross in options.crosses]
    used: dict[str, Iterable[str]] = {
        "label": [] if options.label is None else [options.label],
        "numeric": options.numeric or [],
        "ignore": options.ignore,
        "transforms": options.transforms,
        "min_counts": [name for name in options.min_counts if name not in crosses],
        "hashed": [name for name in options.hashed if name not in crosses],
        "multi_valued": options.many,
        "crosses": [name for cross in options.crosses for name in cross],
        "shared": [name for names in options.shared for name in names],
    }
    for parameter, names in used.items():
        missing = [name for name in names if name not in columns]
        if missing:
            raise ComponentError(
                say("The table has no column {missing}.", missing=", ".join(map(repr, missing))),
                hint=nearest_columns(missing, columns),
                parameter=parameter,
                code="column.missing",
            )
    twice = [n for n in options.numeric or [] if n == options.label or n in options.ignore]
    if twice:
        raise ComponentError(
            say(
                "{twice} cannot be numeric and left out at once.", twice=", ".join(map(repr, twice))
            ),
            hint="Take it out of numeric, or out of ignore and label.",
            parameter="numeric",
            code="column.used_twice",
        )


def _check_types(refused: Mapping[str, dt.DataType], options: Options) -> None:
    chosen = {name: type_ for name, type_ in refused.items() if name in (options.numeric or [])}
    if chosen:
        raise ComponentError(
            say("These columns hold no numbers: {chosen}.", chosen=_list_types(chosen)),
            hint="Take them out of numeric, or declare their types in read_table.",
            parameter="numeric",
            code="column.type",
        )
    if refused:
        raise ComponentError(
            say(
                "These columns are of a type that cannot be a feature: {refused}.",
                refused=_list_types(refused),
            ),
            hint="Put them in ignore, or make numbers or texts of them before.",
            parameter="ignore",
            code="column.type",
        )


def _list_types(types: Mapping[str, dt.DataType]) -> str:
    return ", ".join(f"{name!r} ({type_})" for name, type_ in types.items())


def _check_uses(features: Sequence[Feature], options: Options) -> None:
    """Every column that a parameter names must be of the kind that the parameter is for."""
    numbers = {feature.name for feature in features if feature.transform}
    texts = {feature.name for feature in features if not feature.transform}
    single = {f.name for f in features if f.name in texts and len(f.columns) == 1}
    many = set(options.many)
    shared = [name for names in options.shared for name in names]
    crossed = {name for cross in options.crosses for name in cross}
    strings = {f.name for f in features if f.kinds == ("string",)}
    _check_use("transforms", options.transforms, numbers, "not numeric features")
    _check_use("min_counts", options.min_counts, texts - set(options.hashed), "no vocabularies")
    _check_use("hashed", options.hashed, texts, "not categorical features")
    _check_use("multi_valued", options.many, strings, "not features of text")
    _check_use("crosses", crossed & many, set(), "multi-valued, which cannot be crossed")
    unshared = {name for name in single if name not in options.hashed}
    _check_use("shared", shared, unshared, "not features with a vocabulary")
    _check_use("shared", {n for n in shared if shared.count(n) > 1}, set(), "named twice")


def _check_use(parameter: str, names: Iterable[str], allowed: set[str], what: str) -> None:
    wrong = [name for name in names if name not in allowed]
    if wrong:
        raise ComponentError(
            say(
                "{wrong} in {parameter}: {what}.",
                wrong=", ".join(map(repr, wrong)),
                parameter=parameter,
                what=what,
            ),
            hint=say("Take out of {parameter} what it does not apply to.", parameter=parameter),
            parameter=parameter,
            code="column.use",
        )


def _refuse(message: str, hint: str, parameter: str, code: str) -> ComponentError:
    return ComponentError(message, hint=hint, parameter=parameter, code=f"feature_map.{code}")

"""Fit every feature of a table: ask the engine what is in it, and lay out the indices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import ibis

from studio.component import context

from ._feature_queries import count_crossed, count_values, describe_numbers, find_quantiles
from ._features import BUCKETED, Feature
from ._fields import (
    Counts,
    FieldDocument,
    Statistics,
    bucket_field,
    categorical_field,
    field_size,
    hashed_field,
    missing_numbers,
    numeric_field,
    sharing_field,
)
from ._texts import count_items


@dataclass(frozen=True)
class Items:
    """How the cells of multi-valued columns are read."""

    separator: str
    weight_separator: str | None
    max_values: int
    combine: str


@dataclass
class Fitting:
    """The features of a table, and what its engine says of them."""

    table: ibis.Table
    features: Sequence[Feature]
    missing: Sequence[str]
    buckets: int
    hash_buckets: int
    items: Items
    shared: Sequence[Sequence[str]]
    rows: int = field(init=False)
    statistics: dict[str, Statistics] = field(init=False)
    counts: dict[str, Counts] = field(init=False)
    _slots: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        numbers = [feature.name for feature in self.features if feature.transform]
        self.rows, self.statistics = describe_numbers(
            self.table, numbers, missing_numbers(self.missing)
        )
        self.counts = self._count() if self.rows else {}

    def fields(self) -> tuple[list[FieldDocument], int]:
        """The documents of all fields, and the number of indices they take."""
        made: dict[str, FieldDocument] = {}
        documents: list[FieldDocument] = []
        size = 0
        for feature in self.features:
            document = self._field(feature, made, size)
            made[feature.name] = document
            documents += self._with_slots(feature, document)
            size += field_size(document)
        return documents, size

    def _field(self, feature: Feature, made: Mapping[str, FieldDocument], size: int) -> Any:
        name = feature.name
        if feature.transform in BUCKETED:
            boundaries = self._boundaries(feature)
            return bucket_field(name, size, feature.transform, boundaries, self.statistics[name])
        if feature.transform:
            return numeric_field(name, size, feature.transform, self.statistics[name])
        missing = self.counts[name].missing
        group = next((group for group in self.shared if name in group), [name])
        owner = next((made[other] for other in group if other in made), None)
        if owner is not None:
            return sharing_field(owner, name, feature.columns, missing)
        counts = self._merge(group)
        if feature.hashed:
            return hashed_field(name, feature.columns, size, self.hash_buckets, counts, missing)
        frequent = {text: n for text, n in counts.values.items() if n >= feature.min_count}
        document = categorical_field(name, feature.columns, size, Counts(0, frequent), missing)
        self._warn(document)
        return document

    def _boundaries(self, feature: Feature) -> list[float]:
        """Where buckets end, ascending; none where all values are alike."""
        about = self.statistics[feature.name]
        if about.low is None or about.high is None:
            return []
        if feature.transform == "quantile":
            present = self.rows - about.missing
            missing = missing_numbers(self.missing)
            ends = find_quantiles(self.table, feature.name, missing, present, self.buckets)
        else:
            width = about.high / self.buckets - about.low / self.buckets
            ends = [about.low + width * i for i in range(1, self.buckets)] if width else []
        return sorted(set(ends))

    def _count(self) -> dict[str, Counts]:
        texts = [feature for feature in self.features if not feature.transform]
        single = [feature for feature in texts if len(feature.columns) == 1]
        kinds = {feature.name: feature.kinds[0] for feature in single}
        least = {feature.name: self._least(feature) for feature in single}
        counts = count_values(self.table, kinds, self.missing, least)
        for feature in texts:
            if len(feature.columns) > 1:
                columns = dict(zip(feature.columns, feature.kinds, strict=True))
                least_count = self._least(feature)
                counts[feature.name] = count_crossed(self.table, columns, self.missing, least_count)
            elif feature.many:
                items = {**asdict(self.items), "name": feature.name}
                counts[feature.name], longest = count_items(
                    counts[feature.name], items, self.missing
                )
                self._slots[feature.name] = min(max(longest, 1), self.items.max_values)
        return counts

    def _least(self, feature: Feature) -> int:
        """What the engine may leave out: not what is hashed, or counted together with more."""
        is_shared = any(feature.name in group for group in self.shared)
        return 1 if feature.hashed or feature.many or is_shared else feature.min_count

    def _merge(self, group: Sequence[str]) -> Counts:
        merged = Counts()
        for name in group:
            for text, count in self.counts[name].values.items():
                merged.add(text, count)
        return merged

    def _with_slots(self, feature: Feature, document: FieldDocument) -> list[FieldDocument]:
        """The field, and for a multi-valued one a field more for every further item."""
        if not feature.many:
            return [document]
        slots = self._slots[feature.name]
        items = {key: value for key, value in asdict(self.items).items() if key != "max_values"}
        document |= {**items, "slots": slots, "slot": 0}
        more = [
            {
                **sharing_field(document, f"{feature.name}[{slot}]", feature.columns, 0),
                "vocabulary": document.get("vocabulary", feature.name),
                "slot": slot,
            }
            for slot in range(1, slots)
        ]
        return [document, *more]

    def _warn(self, document: FieldDocument) -> None:
        name, distinct = document["name"], len(document["values"])
        if distinct == self.rows > 1:
            context.log.warning("%r has another value in every row: is it an identifier?", name)
        if distinct == 0:
            context.log.warning("%r has no value that occurs often enough to be learned.", name)
        if distinct == 1 and document["counts"][0] == self.rows:
            context.log.warning("%r has the same value in every row: nothing to learn.", name)

"""Describe a network as a list of blocks: plain JSON, no weights, no computing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from studio.component import (
    Block,
    ComponentError,
    Embedding,
    Logit,
    add_block,
    digest_json,
    say,
)


def stack(embedding: Embedding, kind: str, parameters: Mapping[str, Any]) -> Logit:
    """A block on an embedding; what the embedding starts from goes along."""
    return Logit(add_block(embedding.document, kind, parameters), embedding.arrays)


def merge(logits: Iterable[Logit]) -> tuple[list[Block], list[str]]:
    """All blocks of some logits, each once and after its inputs, and the ids of the last ones.

    Sorted by the id of the last block, so that the order of the edges changes nothing.
    """
    documents = sorted((logit.document for logit in logits), key=_last)
    heads = [_last(document) for document in documents]
    _refuse_twins(documents, heads)
    blocks = {block["id"]: dict(block) for document in documents for block in document["blocks"]}
    return list(blocks.values()), heads


def feature_map_digest(feature_map: Mapping[str, Any]) -> str:
    """What says that two feature maps are the same one."""
    return digest_json(feature_map)


def field_slots(parameters: Mapping[str, Any]) -> tuple[int, ...]:
    """How many cells of a row each field of an embedding has: C cells of F fields."""
    return tuple(parameters.get("slots") or [1] * len(parameters["fields"]))


def last_block(description: Embedding | Logit) -> Block:
    return dict(description.document["blocks"][-1])


def _last(document: Mapping[str, Any]) -> str:
    return str(document["blocks"][-1]["id"])


def _refuse_twins(documents: list[Mapping[str, Any]], heads: list[str]) -> None:
    for document, head in zip(documents, heads, strict=True):
        if heads.count(head) > 1:
            raise ComponentError(
                say(
                    "{count} of the logits are the same '{document}' block: same "
                    "settings on the same embedding.",
                    count=heads.count(head),
                    document=_kind(document),
                ),
                hint="Remove all but one, or give each its own 'name' to train them apart.",
                code="logits.duplicate",
            )


def _kind(document: Mapping[str, Any]) -> str:
    return str(document["blocks"][-1]["type"])

"""The description of a network: a list of blocks, plain JSON, which is read without any code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from studio.artifacts import digest_json

Block = dict[str, Any]

# The type of a block whose layer a package brings. Its parameters: `package`, `digest`,
# `component`, the `parameters` of that component, and `width`: how many numbers a row it gives.
CUSTOM = "custom"


def first_block(kind: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """A document of one block that stands on nothing else."""
    return {"format": 1, "blocks": [_block(kind, [], parameters)]}


def add_block(
    document: Mapping[str, Any], kind: str, parameters: Mapping[str, Any]
) -> dict[str, Any]:
    """The blocks of a document, and one more on top of its last."""
    blocks = list(document["blocks"])
    return {"format": 1, "blocks": [*blocks, _block(kind, [blocks[-1]["id"]], parameters)]}


def _block(kind: str, inputs: list[str], parameters: Mapping[str, Any]) -> Block:
    content: Block = {"type": kind, "inputs": inputs, "parameters": dict(parameters)}
    return {"id": digest_json(content)[:16], **content}

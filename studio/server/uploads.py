"""Receive a file of any size: written as it comes, hashed on the way, never in memory whole."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import BinaryIO

from starlette.concurrency import run_in_threadpool

from studio.artifacts import digest_tree
from studio.errors import LimitError, say
from studio.server.limits import DiskFullError, Limits, in_words
from studio.store import Tree

_BLOCK = 1 << 20


async def receive_file(
    chunks: AsyncIterator[bytes], path: Path, declared: int | None, limits: Limits
) -> Tree:
    """Write the body of a request into a new file, as the only one of its folder.

    declared: the size that the client announced, in bytes.
    """
    check_size(declared or 0, limits)
    check_room(path.parent, declared or 0, limits)
    upload = _Upload(path.open("xb"))
    try:
        async for block in _blocks(chunks):
            check_size(upload.size + len(block), limits)
            await run_in_threadpool(upload.write, block, limits)
        await run_in_threadpool(upload.sync)
    finally:
        upload.file.close()
    files = {path.name: upload.checksum.hexdigest()}
    return Tree(digest_tree(files), files, upload.size)


class _Upload:
    """A file that grows, its size so far in bytes, and its checksum."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        self.size = 0
        self.checksum = hashlib.sha256()

    def write(self, block: bytes, limits: Limits) -> None:
        check_room(Path(self.file.name).parent, len(block), limits)
        self.file.write(block)
        self.checksum.update(block)
        self.size += len(block)

    def sync(self) -> None:
        self.file.flush()
        os.fsync(self.file.fileno())


def check_size(size: int, limits: Limits) -> None:
    if size > limits.upload:
        raise LimitError(
            say("A dataset may have {upload} at most.", upload=in_words(limits.upload)),
            hint="Divide it, or let the pipeline read it from where it lies.",
            code="dataset.too_large",
        )


def check_room(folder: Path, size: int, limits: Limits) -> None:
    free = shutil.disk_usage(folder).free
    if free - size < limits.reserve:
        raise DiskFullError(
            say(
                "There are {free} free on the disk; {reserve} stay so.",
                free=in_words(free),
                reserve=in_words(limits.reserve),
            ),
            hint="Free some space, or move the data folder (STUDIO_HOME).",
        )


async def _blocks(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The same bytes in larger pieces: one visit to a thread each."""
    block = bytearray()
    async for chunk in chunks:
        block += chunk
        if len(block) >= _BLOCK:
            yield bytes(block)
            block.clear()
    if block:
        yield bytes(block)

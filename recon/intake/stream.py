"""The bytes of a file: a block at a time, so that a large one is never in memory whole."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from recon.errors import Unreadable
from rules.wording import _

BLOCK = 1 << 20


def blocks(stream: BinaryIO) -> Iterator[bytes]:
    """All of the file, from its start."""
    stream.seek(0)
    while block := stream.read(BLOCK):
        yield block


def content(stream: BinaryIO, start: int = 0) -> bytes:
    """All of the file at once, from a byte on."""
    stream.seek(start)
    return stream.read()


def sha256_of(stream: BinaryIO) -> str:
    """Of all of the file, as hexadecimal digits."""
    digest = hashlib.sha256()
    for block in blocks(stream):
        digest.update(block)
    return digest.hexdigest()


@contextmanager
def opened(source: Path | bytes, name: str) -> Iterator[BinaryIO]:
    """A file by its path or content; `name` is what the user calls it. Raises Unreadable if it cannot be opened."""
    if isinstance(source, bytes):
        yield io.BytesIO(source)
        return
    try:
        with source.open("rb") as stream:
            yield stream
    except OSError as error:
        raise Unreadable(_("{file} cannot be opened: {reason}.").format(file=name, reason=error.strerror)) from None

"""Files of text lines: bytes to letters, whatever their line ends, with a bound on the length of a line."""

from __future__ import annotations

import codecs
import io
from typing import BinaryIO

from recon.errors import Unreadable
from recon.intake.charset import table_encoding
from recon.intake.stream import blocks
from rules.wording import _

LARGEST = 50_000_000
"""Bytes. Files of fixed columns and tags are read whole; no bank's is a hundredth of it."""
LONGEST_LINE = 1_000_000


def text_of(stream: BinaryIO, name: str, encoding: str | None = None) -> str:
    """The whole text, line ends as `\\n`. UTF-8 where it is, else `encoding` or what the letters say. Raises Unreadable
    for a file that is no text.
    """
    data = stream.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise Unreadable(_("{file} is larger than {n} bytes; split it.").format(file=name, n=LARGEST))
    if b"\0" in data and not data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        line = data.count(b"\n", 0, data.find(b"\0")) + 1
        raise Unreadable(_("{file}, line {line}: a NUL byte; this is no text.").format(file=name, line=line))
    refuse_long_lines(io.BytesIO(data), name)
    return _decoded(data, encoding).lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def refuse_long_lines(stream: BinaryIO, name: str, most: int = LONGEST_LINE) -> None:
    """Raises Unreadable for a line of more bytes than `most`: what parts it into fields would fill the memory."""
    unended = 0
    for block in blocks(stream):
        if unended + _first_end(block) > most or _holds_more(block, most):
            raise Unreadable(_("{file} has a line of more than {n} characters.").format(file=name, n=most))
        last = _last_end(block, 0, len(block))
        unended = len(block) - last - 1 if last >= 0 else unended + len(block)


def _first_end(block: bytes) -> int:
    return min(end if (end := block.find(mark)) >= 0 else len(block) for mark in (b"\n", b"\r"))


def _last_end(block: bytes, start: int, end: int) -> int:
    return max(block.rfind(b"\n", start, end), block.rfind(b"\r", start, end))


def _holds_more(block: bytes, most: int) -> bool:
    """Is there a run of more bytes than `most` without the end of a line? Looks once in so many bytes."""
    start = 0
    while len(block) - start > most:
        end = _last_end(block, start, start + most + 1)
        if end < 0:
            return True
        start = end + 1
    return False


def _decoded(data: bytes, encoding: str | None) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode(encoding or table_encoding(io.BytesIO(data)), errors="replace")

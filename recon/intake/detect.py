"""Which reader a file belongs to: exactly one claims it, or the user is told."""

from __future__ import annotations

import io
from importlib import import_module
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from recon.errors import Unreadable
from recon.intake.envelope import is_envelope, unwrapped
from recon.intake.readers.unread import recognise
from recon.intake.statement import Reading
from recon.intake.stream import opened, sha256_of
from rules.wording import _

HEAD = 65_536
LARGEST = 2_000_000_000
"""Bytes. Above it offsets into a column of text no longer fit."""

READERS = ("bai2", "bgmax", "camt", "coda", "csv", "excel", "mt940", "ocr", "ofx", "saft", "sie", "sie5")
"""Modules of `recon.intake.readers`, each one format."""


class Reader(Protocol):
    FORMAT: str

    def sniff(self, head: bytes, name: str) -> bool: ...

    def read(self, stream: BinaryIO, name: str) -> Reading: ...


def readers() -> dict[str, Reader]:
    modules = (import_module(f"recon.intake.readers.{name}") for name in READERS)
    return {reader.FORMAT: reader for reader in cast("tuple[Reader, ...]", tuple(modules))}


def read_file(
    source: Path | str | bytes, name: str | None = None, *, format: str | None = None, digest: bool = True
) -> Reading:
    """Read a file, by path or by content, with the reader that claims it or the one named.

    `name` is what the user calls the file (default: the path's last part); it stands in every sentence. `digest`:
    whether its SHA-256 is wanted. Raises Unreadable with one sentence if the file cannot be opened, no reader or
    several claim it, or its reader refuses it.
    """
    source = source if isinstance(source, bytes) else Path(source)
    called = name or (_("the file") if isinstance(source, bytes) else source.name)
    with opened(source, name or (called if isinstance(source, bytes) else str(source))) as stream:
        return _read(stream, called, format, digest)


def _read(stream: BinaryIO, name: str, format: str | None, digest: bool) -> Reading:
    if stream.seek(0, io.SEEK_END) > LARGEST:
        raise Unreadable(_("{file} is larger than {n} bytes; split it.").format(file=name, n=LARGEST))
    stream.seek(0)
    head = stream.read(HEAD)
    if not head.strip():
        raise Unreadable(_("{file} is empty.").format(file=name))
    sha256 = sha256_of(stream) if digest else ""
    stream.seek(0)
    if is_envelope(head):
        stream = io.BytesIO(unwrapped(stream, name))
        head = stream.read(HEAD)
        stream.seek(0)
    reader = _named(format) if format else claiming(head, name)
    return reader.read(stream, name).with_sha256(sha256)


def _named(format: str) -> Reader:
    known = readers()
    format = format if format in known else format.partition(".")[0]
    if format not in known:
        raise Unreadable(
            _("There is no reader {format}; there are {known}.").format(format=format, known=", ".join(known))
        )
    return known[format]


def claiming(head: bytes, name: str) -> Reader:
    """The one reader that claims a file by its first bytes and its name."""
    claims = [reader for reader in readers().values() if reader.sniff(head, name)]
    if len(claims) == 1:
        return claims[0]
    if not claims:
        known = recognise(head, name)
        if known:
            raise Unreadable(_("{file} is {known}.").format(file=name, known=known))
        raise Unreadable(_("{file} is of no format that is known here.").format(file=name))
    formats = ", ".join(reader.FORMAT for reader in claims)
    raise Unreadable(_("{file} could be any of {formats}: name the format.").format(file=name, formats=formats))

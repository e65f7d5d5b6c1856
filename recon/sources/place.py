"""What every place of files can do, and the one exception that says it cannot be reached."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from recon.errors import Refusal

ARCHIVE, QUARANTINE = "archive", "quarantine"
"""Folders inside the watched one: files that were taken in, and files that were not."""

LARGEST = 2_000_000_000
"""Bytes of a file that is taken; a larger one is left for a person."""

_UNFINISHED = re.compile(r"^\.|~$|\.(tmp|temp|part|partial|filepart|crdownload|lock)$", re.IGNORECASE)


class Unreachable(Refusal):
    """A source that cannot be read; the sentence says why."""


class Gone(Unreachable):
    """A file that lay there a moment ago and does not any more: somebody else has taken it."""


@dataclass(frozen=True, slots=True)
class Found:
    """A file lying in a place: its name, its size in bytes, and when it was last written (seconds since 1970)."""

    name: str
    size: int
    written_at: float


class Place(Protocol):
    """A folder somewhere. Every method raises `Unreachable`."""

    def files(self) -> list[Found]:
        """What lies there, in order of name; folders are left out."""

    def content(self, name: str) -> bytes:
        """All bytes of a file. Raises `Gone` too."""

    def put_away(self, name: str, folder: str, new_name: str) -> None:
        """Move a file into a folder inside the place. Nothing there is ever overwritten; a file that is gone already
        is left alone."""


Opened = AbstractContextManager[Place]


def finished(files: list[Found], now: float, settle: float) -> Iterator[Found]:
    """Files that nobody is writing any more: no temporary name, and not touched for `settle` seconds."""
    return (f for f in files if not _UNFINISHED.search(f.name) and now - f.written_at >= settle)

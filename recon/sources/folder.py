"""A watched folder on this machine."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from recon.sources.place import Found, Gone, Unreachable
from rules.wording import _


class Folder:
    def __init__(self, path: Path) -> None:
        self._path = path

    def files(self) -> list[Found]:
        try:
            entries = sorted(os.scandir(self._path), key=lambda entry: entry.name)
            return [
                Found(entry.name, entry.stat().st_size, entry.stat().st_mtime)
                for entry in entries
                if entry.is_file(follow_symlinks=False)
            ]
        except OSError as error:
            raise _closed(self._path, error) from None

    def content(self, name: str) -> bytes:
        try:
            return (self._path / name).read_bytes()
        except OSError as error:
            raise _closed(self._path / name, error) from None

    def put_away(self, name: str, folder: str, new_name: str) -> None:
        lying, into = self._path / name, self._path / folder
        try:
            into.mkdir(parents=True, exist_ok=True)
            target = into / new_name
            if lying.exists() and not target.exists():
                shutil.move(lying, target)
        except OSError as error:
            raise _closed(into, error) from None


@contextmanager
def folder_of(path: str) -> Iterator[Folder]:
    """The folder, which must be there."""
    found = Path(path)
    if not found.is_dir():
        raise Unreachable(_("there is no folder {path}").format(path=path))
    yield Folder(found)


def _closed(path: Path, error: OSError) -> Unreachable:
    kind = Gone if isinstance(error, FileNotFoundError) else Unreachable
    return kind(_("{path} cannot be used: {reason}").format(path=path, reason=error.strerror or str(error)))

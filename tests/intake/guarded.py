"""Damaged files read in a process that is watched: `python -m tests.intake.guarded KIND FILES SEED MEGABYTES`.

First so many damaged files, then sound ones with a line of so many megabytes in their middle. Each is read as an import
reads it; for how long the process was at work and how much memory it held then is measured a file at a time. A file
that never ends ends the process, which then says where it was; nor may the process take the machine's memory.
"""

from __future__ import annotations

import faulthandler
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from itertools import count
from pathlib import Path
from unittest import mock

from recon.errors import Unreadable
from recon.intake import workbook
from recon.intake.detect import read_file
from recon.intake.frames import lines_frame
from tests.intake.damage import SOUND, damaged, reader_of, zipped
from tests.intake.sheet_server import SheetServer

SECONDS, MEMORY = 10, 500_000_000
"""What a file may take at most. The seconds are those at work: on a busy machine a file waits."""
PATIENCE = 60
ADDRESSES = 6_000_000_000
LONGEST_SENTENCE = 1_500


@dataclass
class Figures:
    """What became of the files; `slowest` in seconds, `largest` in bytes, `wrong` a sentence for each that failed."""

    read: int = 0
    refused: int = 0
    slowest: float = 0.0
    largest: int = 0
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        took = f"slowest {self.slowest:.2f} s, largest {self.largest // 10**6} MB"
        return f"{self.read} read, {self.refused} refused; {took}"


def guarded(kind: str, files: int, seed: int, megabytes: int) -> Figures:
    """The figures of such files of a kind, each in its turn in one process of their own."""
    command = [sys.executable, "-m", "tests.intake.guarded", kind, str(files), str(seed), str(megabytes)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode or done.stderr:
        return Figures(wrong=[f"the process ended with {done.returncode}, saying: {done.stderr[-3000:]}"])
    return Figures(**json.loads(done.stdout))


def main(kind: str, files: int, seed: int, megabytes: int) -> Figures:
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
    figures, sheets, name = Figures(), SheetServer(), SOUND[kind][0]
    with mock.patch.object(workbook, "subprocess", sheets), tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        assert not outcome(SOUND[kind][1](), None, name)  # and what reading it imports is there
        for number in _written(path, damaged(kind, files, seed)):
            # half of them by the reader that is named, so that it is not always the same reader that refuses
            _read_one(path, reader_of(kind) if number % 4 > 1 else None, number, figures, sheets)
        for number in _written(path, endless(kind, megabytes) if not zipped(kind) else ()):
            _read_one(path, reader_of(kind), files + number, figures, sheets)
    sheets.close()
    figures.largest = max(figures.largest, sheets.largest)
    return figures


def _written(path: Path, contents: Iterable[bytes]) -> Iterator[int]:
    """Each written to the path in its turn, and not kept in memory; its number."""
    given, numbers = iter(contents), count()
    while (content := next(given, None)) is not None:
        path.write_bytes(content)
        del content  # an `enumerate` would hold it until the next
        yield next(numbers)


def _read_one(path: Path, format: str | None, number: int, figures: Figures, sheets: SheetServer) -> None:
    faulthandler.dump_traceback_later(PATIENCE, exit=True)
    Path("/proc/self/clear_refs").write_text("5")
    started = time.process_time() + sheets.seconds
    try:
        said = outcome(path, format)
    except Exception as error:
        figures.wrong.append(f"file {number}: {type(error).__name__}: {error}")
        return
    took, held = time.process_time() + sheets.seconds - started, _held()
    faulthandler.cancel_dump_traceback_later()
    figures.slowest, figures.largest = max(figures.slowest, took), max(figures.largest, held)
    figures.refused, figures.read = figures.refused + bool(said), figures.read + (not said)
    if "\n" in said or len(said) > LONGEST_SENTENCE:
        figures.wrong.append(f"file {number}: {said[:2000]!r}")
    if took > SECONDS or held > MEMORY:
        figures.wrong.append(f"file {number}: {took:.1f} s, {held // 10**6} MB")


def outcome(source: Path | bytes, format: str | None, name: str | None = None) -> str:
    """The refusal, or "" for a file that is read and whose lines make a frame."""
    try:
        reading = read_file(source, name, format=format)
    except Unreadable as error:
        return str(error)
    assert len(lines_frame(reading)) == sum(len(s.lines) for s in reading.statements)
    return ""


def _held() -> int:
    """The most that this process held since the peak was last forgotten, in bytes."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024


FILLINGS = (b"A", b"9", b"x,", b"<a>")
WIDE = "🌊".encode()
"""One such letter among plain ones makes each of them take four bytes, once they are text."""


def endless(kind: str, megabytes: int) -> Iterator[bytes]:
    """A sound file with so many megabytes without a line's end in its middle, of letters, digits, cells, tags."""
    content = SOUND[kind][1]()
    half = len(content) // 2
    for first, filling in ((WIDE, b"A"), *((b"", each) for each in FILLINGS)):
        yield content[:half] + first + filling * (megabytes * 1_000_000 // len(filling)) + content[half:]


if __name__ == "__main__":
    kind, *numbers = sys.argv[1:]
    print(json.dumps(asdict(main(kind, *map(int, numbers)))))

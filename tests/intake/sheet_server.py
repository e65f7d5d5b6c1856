"""Opens many workbooks, each in a fork that is bounded as `recon.intake.sheet_process` is and may die of its file.

A new interpreter for each of thousands of files would take an hour. `python -m tests.intake.sheet_server` is the
server: it imports nothing heavy, so that its forks have the memory that the product's process has.
"""

from __future__ import annotations

import contextlib
import io
import os
import signal
import struct
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from typing import IO, BinaryIO

from recon.intake import sheet_process

_ASKED = struct.Struct("<qd")
"""Length of the workbook, and the seconds after which its fork is ended."""
_HEAD = struct.Struct("<iqdq")
"""Exit code, largest resident bytes, seconds at work, length of what the fork wrote."""


class SheetServer:
    """Stands in for the module `subprocess` where a workbook is opened apart."""

    TimeoutExpired = subprocess.TimeoutExpired

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.intake.sheet_server"]
        self._server = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # as the product reads it and lets it fall
            env=os.environ | {"RUST_BACKTRACE": "0"},
        )
        self.largest, self.seconds = 0, 0.0

    def run(
        self, _command: object, *, input: bytes, timeout: float, **_options: object
    ) -> subprocess.CompletedProcess[bytes]:
        to, back = self._server.stdin, self._server.stdout
        assert to is not None
        assert back is not None
        to.write(_ASKED.pack(len(input), timeout) + input)
        to.flush()
        code, resident, seconds, length = _HEAD.unpack(back.read(_HEAD.size))
        self.largest, self.seconds = max(self.largest, resident), self.seconds + seconds
        if code == -signal.SIGALRM:
            raise subprocess.TimeoutExpired([], timeout)
        return subprocess.CompletedProcess([], code, back.read(length))

    def close(self) -> None:
        assert self._server.stdin is not None
        self._server.stdin.close()
        self._server.wait()


@dataclass(frozen=True)
class _Ended:
    code: int
    resident: int
    seconds: float


def _open_apart(data: bytes, seconds: float, out: IO[bytes]) -> _Ended:
    child = os.fork()
    if not child:
        code = 1
        signal.setitimer(signal.ITIMER_REAL, seconds)  # which ends it
        with contextlib.suppress(BaseException):
            sys.stdin, sys.stdout = io.TextIOWrapper(io.BytesIO(data)), io.TextIOWrapper(out, write_through=True)
            sheet_process.main()
            sys.stdout.flush()
            code = 0
        os._exit(code)
    _pid, status, usage = os.wait4(child, 0)
    return _Ended(os.waitstatus_to_exitcode(status), usage.ru_maxrss * 1024, usage.ru_utime + usage.ru_stime)


def _serve(given: BinaryIO, answers: BinaryIO) -> None:
    while head := given.read(_ASKED.size):
        length, seconds = _ASKED.unpack(head)
        data = given.read(length)
        with tempfile.TemporaryFile(buffering=0) as out:
            ended = _open_apart(data, seconds, out)
            out.seek(0)
            said = out.read()
        answers.write(_HEAD.pack(ended.code, ended.resident, ended.seconds, len(said)) + said)
        answers.flush()


if __name__ == "__main__":
    _serve(sys.stdin.buffer, sys.stdout.buffer)

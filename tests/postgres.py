"""A PostgreSQL cluster of the tests' own, reached through a socket in a temporary folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg
import pytest

PROGRAMS = Path("/usr/lib/postgresql/15/bin")
SECONDS = 120
"""Longer than any of the programs takes on a busy machine."""


@dataclass
class Cluster:
    """A running server; `folder` holds its data and its socket."""

    folder: Path
    numbers: count[int] = field(default_factory=count)

    def url(self, database: str) -> str:
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    def execute(self, statement: str) -> None:
        """Run one statement outside any transaction."""
        with psycopg.connect(f"host={self.folder} user=postgres dbname=postgres", autocommit=True) as connection:
            connection.execute(statement)

    def copy(self, template: str) -> str:
        name = f"copy_{next(self.numbers)}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return name

    def stop(self) -> None:
        run_as_postgres(PROGRAMS / "pg_ctl", "-D", self.folder / "data", "-m", "immediate", "stop")
        shutil.rmtree(self.folder, ignore_errors=True)


def start_cluster(_folder: Path) -> Cluster:
    """Make and start a cluster, or skip the test where that cannot be (fail where REQUIRE_POSTGRES=1)."""
    if not (PROGRAMS / "initdb").exists():
        unavailable(f"PostgreSQL 15 is not installed in {PROGRAMS}")
    # A socket's path has at most 107 characters, and its folder must be reachable by the server's own user.
    folder = Path(tempfile.mkdtemp(prefix="recon-pg-", dir="/tmp"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres", "postgres")
    data = folder / "data"
    run_as_postgres(PROGRAMS / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8")
    options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off -c full_page_writes=off"
    run_as_postgres(PROGRAMS / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start")
    return Cluster(folder)


def unavailable(reason: str) -> None:
    if os.environ.get("REQUIRE_POSTGRES") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def run_as_postgres(program: Path, *arguments: object) -> None:
    """The server refuses to run as root, so root steps down to the user `postgres`."""
    command = [str(program), *map(str, arguments)]
    if os.geteuid() == 0:
        command = ["runuser", "-u", "postgres", "--", *command]
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, cwd="/tmp", check=False, timeout=SECONDS
        )
    except subprocess.TimeoutExpired:
        unavailable(f"{program.name} did not end within {SECONDS} seconds")
        return
    if done.returncode:
        unavailable(f"{program.name} failed: {done.stderr.strip() or done.stdout.strip()}")

"""A clone in an empty folder with an empty environment: `script/server` serves the demo."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from functools import partial
from pathlib import Path

from acceptance.check import Check, Outcome

PATIENCE = 1200
"""Seconds for the whole set-up: packages are fetched, and one is compiled."""


def serves(python: str) -> Outcome:
    interpreter = _interpreter(python)
    if not interpreter:
        return Outcome(False, f"there is no {python} on this machine")
    with tempfile.TemporaryDirectory(prefix="recon-fresh-") as made:
        clone = Path(made) / "clone"
        subprocess.run(["git", "clone", "-q", str(Path.cwd()), str(clone)], check=True)
        return _serve(clone, Path(made), interpreter)


def _interpreter(python: str) -> str:
    """The first that runs: on the path, or installed by pyenv, whose stand-ins on the path may lead nowhere."""
    installed = sorted(Path.home().glob(f".pyenv/versions/*/bin/{python}"))
    for candidate in filter(None, [shutil.which(python), *map(str, installed)]):
        if subprocess.run([candidate, "-c", ""], capture_output=True, check=False).returncode == 0:
            return candidate
    return ""


def _serve(clone: Path, home: Path, interpreter: str) -> Outcome:
    """Start the server with nothing in its environment but a path, an empty home, and the way to the package index."""
    port = _free_port()
    log = home / "log.txt"
    started = time.monotonic()
    with log.open("w") as out:
        server = subprocess.Popen(
            ["script/server", "--port", str(port)], cwd=clone, stdout=out, stderr=out, start_new_session=True,
            env=_way_to_packages() | {"PATH": os.environ["PATH"], "HOME": str(home), "PYTHON": interpreter},
        )  # fmt: skip
    try:
        page = _wait_for(f"http://127.0.0.1:{port}/login", server)
    finally:
        if server.poll() is None:
            os.killpg(server.pid, signal.SIGTERM)
            server.wait(timeout=30)
    shown = "preparer" in page
    figure = f"sign-in page with the demo's users after {time.monotonic() - started:.0f} s" if shown else "no such page"
    return Outcome(shown, figure, log.read_text()[-4000:])


def _way_to_packages() -> dict[str, str]:
    """Proxies, certificates and index settings of this machine, which a person's machine would have too."""
    index = re.compile(r"(PIP|UV|NPM|NODE|SSL|REQUESTS)_.*|.*_PROXY", re.IGNORECASE)
    kept = {name: value for name, value in os.environ.items() if index.fullmatch(name)}
    for name, file in (("PIP_CONFIG_FILE", ".config/pip/pip.conf"), ("NPM_CONFIG_USERCONFIG", ".npmrc")):
        if (path := Path.home() / file).exists():
            kept.setdefault(name, str(path))
    return kept


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> str:
    """The page, or nothing if the server ends or takes longer than PATIENCE."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return str(answer.read().decode())
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(1)
    return ""


CHECKS = [
    Check(f"fresh clone on {python}", "script/server serves the demo", partial(serves, python))
    for python in ("python3.11", "python3.13")
]

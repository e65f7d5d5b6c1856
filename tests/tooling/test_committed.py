"""What is committed names no registry host, no machine's folders, and no build of somebody else."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HOSTS = ["pypi" + r"\.org", "python" + "hosted", "registry" + r"\.npmjs", "npmjs" + r"\.org", "deb" + r"\.debian"]
FOLDERS = ["/opt" + "/wheels", "/opt" + "/pypi", "/work" + "/(main|shared)", "/root" + "/", "/home" + r"/\w+/"]
FORBIDDEN = re.compile("|".join([*HOSTS, *FOLDERS]))
BUILDS = {".whl", ".so", ".pyd", ".jar", ".exe", ".woff", ".woff2", ".ttf", ".zip", ".gz"}


def committed() -> list[Path]:
    try:
        done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("this is not a git checkout")
    return [ROOT / name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]


def lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        return []  # not text


def test_nothing_names_a_host_or_a_machine() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for path in committed()
        for number, line in enumerate(lines(path), start=1)
        if FORBIDDEN.search(line)
    ]
    assert found == []


def test_the_patterns_find_what_they_should() -> None:
    for line in ("https://pypi" + ".org/simple", "--find-links /opt" + "/wheels", "cd /home" + "/kari/recon"):
        assert FORBIDDEN.search(line), line


def test_no_builds_and_no_large_files() -> None:
    fixtures = ROOT / "tests" / "fixtures"
    builds = [path for path in committed() if path.suffix in BUILDS and fixtures not in path.parents]
    large = [path for path in committed() if path.stat().st_size > 1_000_000]
    assert (builds, large) == ([], [])

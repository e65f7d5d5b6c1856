"""The wheel works from any folder: it holds what the product reads beside its code."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

pytest.importorskip("hatchling", reason="hatchling is missing; script/setup installs it")

ROOT = Path(__file__).parents[2]
READ = """
from recon import places
from rules.standard import NAMES, load
assert places.checkout() is None, places.PACKAGE
assert (places.shipped("templates") / "shell.html").is_file()
assert places.shipped("translations").is_dir()
assert places.instance().name == "instance"
print(*sorted(load(name).name for name in NAMES))
"""


@pytest.fixture(scope="module")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def run(unpacked: Path, *arguments: str) -> str:
    """What Python prints in a folder of its own, with the unpacked wheel before everything else."""
    elsewhere = unpacked.parent / "elsewhere"
    elsewhere.mkdir(exist_ok=True)
    environment = {**os.environ, "PYTHONPATH": str(unpacked)}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=elsewhere, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_wheel_holds_templates_and_rule_sets(unpacked: Path) -> None:
    assert run(unpacked, "-c", READ).strip()


def test_the_command_starts_from_any_folder(unpacked: Path) -> None:
    assert run(unpacked, "-m", "recon", "--help").startswith("Usage: recon")


def test_the_wheel_holds_no_tests(unpacked: Path) -> None:
    rooms = {path.name for path in unpacked.iterdir() if not path.name.endswith(".dist-info")}
    assert rooms == {"recon", "rules"}

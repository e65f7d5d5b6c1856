"""The two commands of the README, and what set-up says when something is missing."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = [*sorted(path for path in (ROOT / "script").iterdir() if path.is_file()), ROOT / ".ci" / "run"]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with what set-up reads, and no environment yet."""
    folder = tmp_path / "checkout"
    (folder / "script").mkdir(parents=True)
    shutil.copy(ROOT / "script" / "setup", folder / "script")
    for path in [ROOT / "pyproject.toml", *ROOT.glob("requirements*.txt")]:
        shutil.copy(path, folder)
    return folder


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    """A folder for PATH that holds a shell's bare necessities: neither Python nor a compiler."""
    folder = tmp_path / "tools"
    folder.mkdir()
    for name in ("sh", "cat", "dirname", "sed"):
        found = shutil.which(name)
        assert found is not None
        (folder / name).symlink_to(found)
    return folder


def set_up(checkout: Path, tools: Path, **environment: str) -> tuple[int, str]:
    done = subprocess.run(
        [str(checkout / "script" / "setup")],
        env={"PATH": str(tools), "HOME": str(checkout), **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stderr


def program(path: Path, text: str) -> None:
    path.write_text(f"#!{shutil.which('sh')}\n{text}\n")
    path.chmod(0o755)


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_scripts_can_be_run_and_parsed(path: Path) -> None:
    assert os.access(path, os.X_OK)
    shell = path.read_text(encoding="utf-8").partition("\n")[0].removeprefix("#!")
    if shell in ("/bin/sh", "/bin/bash"):
        subprocess.run([shell, "-n", str(path)], check=True)
    else:
        compile(path.read_text(encoding="utf-8"), str(path), "exec")


def test_no_python(checkout: Path, tools: Path) -> None:
    code, said = set_up(checkout, tools)
    assert (code, said.count("\n")) == (1, 1)
    assert "Python 3.11 or later is missing" in said


def test_an_old_python_does_not_suit(checkout: Path, tools: Path) -> None:
    program(tools / "old", "exit 1")
    code, said = set_up(checkout, tools, PYTHON="old")
    assert (code, said) == (1, "script/setup: PYTHON=old does not run Python 3.11 or later.\n")


def test_no_compiler(checkout: Path, tools: Path) -> None:
    code, said = set_up(checkout, tools, PYTHON=sys.executable)
    assert (code, said.count("\n")) == (1, 1)
    assert "A C compiler is missing" in said


def test_no_headers(checkout: Path, tools: Path) -> None:
    program(tools / "cc", "exit 0")
    fake = tools / "python3.12"
    program(fake, f'case "$*" in *sysconfig*) echo /nowhere ;; *) exec {sys.executable} "$@" ;; esac')
    code, said = set_up(checkout, tools)
    assert (code, said.count("\n")) == (1, 1)
    assert "The headers of Python" in said


def test_an_unknown_argument_is_wrong_usage() -> None:
    done = subprocess.run([str(ROOT / "script" / "setup"), "--fast"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, "Usage: script/setup [--dev]\n")


def test_nothing_to_do_is_quick(checkout: Path, tools: Path) -> None:
    """With its stamp in place, set-up goes straight to the front-end packages."""
    bin_ = checkout / ".venv" / "bin"
    bin_.mkdir(parents=True)
    cases = f'script/vendor) echo vendored >&2 ;; -m) echo pip >&2; exit 9 ;; *) exec {sys.executable} "$@" ;;'
    program(bin_ / "python", f'case "$1" in {cases} esac')
    program(bin_ / "recon", "exit 0")
    (checkout / ".venv" / ".installed-dev").write_text(fingerprint(checkout))
    assert set_up(checkout, tools) == (0, "vendored\n")
    (checkout / "requirements.txt").write_text("six==1.17.0\n")
    code, said = set_up(checkout, tools)
    assert (code, "vendored" in said, "compiler is missing" in said) == (1, False, True)


def fingerprint(checkout: Path) -> str:
    """What the program inside script/setup says of the environment that it would make here."""
    text = (checkout / "script" / "setup").read_text(encoding="utf-8")
    program_text = text.partition("<<'END'\n")[2].partition("\nEND\n")[0]
    release = ".".join(map(str, sys.version_info[:3]))
    pins = sorted(path.name for path in checkout.glob("requirements*.txt"))
    done = subprocess.run(
        [sys.executable, "-", release, "script/setup", "pyproject.toml", *pins],
        input=program_text,
        cwd=checkout,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_the_readme_names_the_two_commands() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "script/server" in readme
    assert "script/test" in readme

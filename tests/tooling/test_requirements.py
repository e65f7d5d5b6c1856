"""The pinned requirements: complete, hashed, and no more than what is imported."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
NOT_IMPORTED = {
    "flask-sqlalchemy": "Flask-Admin imports its types",
    "psycopg": "SQLAlchemy reaches PostgreSQL through it",
}
"""Dependencies that no module of ours imports, and what needs them."""


def name_of(requirement: str) -> str:
    match = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert match is not None, requirement
    return re.sub(r"[-_.]+", "-", match[0]).lower()


def pins(file: str) -> dict[str, str]:
    """The name of each pinned package -> its pin with everything up to the next one."""
    text = (ROOT / file).read_text(encoding="utf-8")
    blocks = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]
    return {name_of(block): block for block in blocks}


def third_party_imports() -> Iterator[tuple[str, Path]]:
    for room in ("recon", "rules"):
        for path in sorted((ROOT / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    yield from ((alias.name.split(".")[0], path) for alias in node.names)
                elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    yield node.module.split(".")[0], path


def imported_distributions() -> dict[str, Path]:
    """The distributions that the product's own code imports -> one file that does."""
    known = packages_distributions()
    own = {"recon", "rules", "app", *sys.stdlib_module_names}
    found = {module: path for module, path in third_party_imports() if module not in own}
    unknown = {module: str(path) for module, path in found.items() if module not in known}
    assert not unknown, f"imported but not installed: {unknown}"
    return {name_of(distribution): path for module, path in found.items() for distribution in known[module]}


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt", "requirements-build.txt"])
def test_every_pin_is_exact_and_hashed(file: str) -> None:
    exact = re.compile(r"[^\s\[]+(\[[^\]]+\])?==\S+")
    loose = [name for name, block in pins(file).items() if not exact.match(block) or "sha256:" not in block]
    assert pins(file)
    assert loose == []


@pytest.mark.parametrize(
    ("file", "asked"),
    [
        ("requirements.txt", PROJECT["project"]["dependencies"]),
        ("requirements-dev.txt", PROJECT["dependency-groups"]["dev"]),
        ("requirements-build.txt", PROJECT["dependency-groups"]["build"]),
    ],
)
def test_everything_asked_for_is_pinned(file: str, asked: list[str]) -> None:
    missing = {name_of(requirement) for requirement in asked} - pins(file).keys()
    assert not missing, f"run script/lock: {missing}"


def test_the_files_agree_on_versions() -> None:
    runtime = pins("requirements.txt")
    for file in ("requirements-dev.txt", "requirements-build.txt"):
        for name, block in pins(file).items():
            assert runtime.get(name, block).split()[0] == block.split()[0]


def test_dependencies_are_sorted() -> None:
    for asked in (PROJECT["project"]["dependencies"], PROJECT["dependency-groups"]["dev"]):
        assert asked == sorted(asked, key=name_of)


def test_every_import_is_declared_and_every_declaration_imported() -> None:
    declared = {name_of(requirement) for requirement in PROJECT["project"]["dependencies"]}
    imported = imported_distributions()
    undeclared = {name: str(path.relative_to(ROOT)) for name, path in imported.items() if name not in declared}
    assert not undeclared, f"add to dependencies in pyproject.toml: {undeclared}"
    assert declared - imported.keys() == NOT_IMPORTED.keys(), "drop what nobody imports, or say what needs it"

"""The pages point to files and commands that exist."""

from __future__ import annotations

import re
from pathlib import Path

import click
import pytest

from recon.cli import COMMANDS, commands

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
CODE = re.compile(r"^```\n(.*?)^```|`([^`\n]+)`", re.MULTILINE | re.DOTALL)
CALL = re.compile(r"(?:^|[/\s])recon ([a-z]+)(?: ([a-z]+))?")


def calls(page: Path) -> set[tuple[str, str]]:
    """Every `recon COMMAND WORD` that stands in code on the page."""
    code = "\n".join(block or inline for block, inline in CODE.findall(page.read_text(encoding="utf-8")))
    return set(CALL.findall(code))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    dead = [link for link in LINK.findall(page.read_text(encoding="utf-8")) if not (page.parent / link).exists()]
    assert dead == []


def test_the_readme_leads_to_every_guide() -> None:
    linked = {(ROOT / link).resolve() for link in LINK.findall((ROOT / "README.md").read_text(encoding="utf-8"))}
    assert set((ROOT / "docs").glob("*.md")) <= linked


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_on_the_pages_exist(page: Path) -> None:
    context = click.Context(commands)
    for name, word in calls(page):
        assert name in COMMANDS, f"recon {name}"
        command = commands.get_command(context, name)
        if isinstance(command, click.Group) and word:
            assert word in command.commands, f"recon {name} {word}"


def test_calls_are_found() -> None:
    assert ("match", "ledger") in calls(ROOT / "README.md")
    assert ("db", "upgrade") in calls(ROOT / "docs" / "operating.md")

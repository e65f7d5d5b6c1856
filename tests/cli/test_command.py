"""The `recon` command itself: what it lists, what it imports, and how it ends."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

import click
import pytest

from recon import __version__
from recon.cli import COMMANDS, commands, main
from recon.cli.ending import end, sentence
from recon.errors import Refusal
from rules.errors import RuleError, RuleErrors


def every_command() -> Iterator[tuple[str, click.Command]]:
    context = click.Context(commands)
    for name in COMMANDS:
        command = commands.get_command(context, name)
        assert command is not None, f"recon/cli/{COMMANDS[name][0]}.py registers no command {name}"
        yield name, command
        if isinstance(command, click.Group):
            yield from ((f"{name} {part}", inner) for part, inner in command.commands.items())


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Exit code, stdout and stderr of `recon ARGUMENTS` in this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["recon", *arguments])
        with pytest.raises(SystemExit) as stop:
            main()
    shown = capsys.readouterr()
    return int(stop.value.code or 0), shown.out, shown.err


def test_help_names_every_command_without_importing_one() -> None:
    program = "import sys; from recon.cli import commands; commands(['--help'], standalone_mode=False);"
    program += "assert not [name for name in sys.modules if name.startswith(('flask', 'sqlalchemy', 'pandas'))]"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert all(f"\n  {name} " in done.stdout for name in COMMANDS)


def test_match_imports_neither_the_web_nor_the_database() -> None:
    program = "import sys, recon.cli.match;"
    program += "print(sorted(n for n in sys.modules if n in ('flask', 'sqlalchemy', 'recon.database', 'recon.web')))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_leaf_command_has_help_with_an_example() -> None:
    for name, command in every_command():
        assert command.help, name
        if not isinstance(command, click.Group):
            assert f"recon {name}" in command.help, f"recon {name} --help shows no example of itself"


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "--version") == (0, f"recon {__version__}\n", "")


def test_wrong_usage_ends_with_2(capsys: pytest.CaptureFixture[str]) -> None:
    code, _out, err = run(capsys, "reconcile")
    assert (code, "No such command 'reconcile'" in err) == (2, True)


def raising(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    """Let `recon verify` stop with `error`."""

    def fail() -> None:
        raise error

    import_module("recon.cli")
    monkeypatch.setitem(COMMANDS, "verify", ("ending", "Stops."))
    monkeypatch.setitem(commands.commands, "verify", click.Command("verify", callback=fail))


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (Refusal("bank.xml: the statement has no account."), "bank.xml: the statement has no account.\n"),
        (RuleErrors([RuleError("rules[0].key", "is missing")], "a.yaml"), "a.yaml: rules[0].key: is missing\n"),
        (FileNotFoundError(2, "No such file or directory", "a.csv"), "a.csv: No such file or directory\n"),
        (click.ClickException("No."), "No.\n"),
        (KeyboardInterrupt(), "\nStopped.\n"),
    ],
)
def test_a_refusal_is_one_sentence_and_1(
    error: BaseException, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    raising(monkeypatch, error)
    assert run(capsys, "verify") == (1, "", said)


def test_the_unexpected_is_logged_under_the_number_it_names(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("RECON_INSTANCE", str(tmp_path))
    raising(monkeypatch, ZeroDivisionError("three apples"))
    code, _out, err = run(capsys, "verify")
    number = err.removeprefix("Unexpected error ")[:8]
    logged = (tmp_path / "log" / "recon.log").read_text()
    assert (code, err.count("\n"), "Traceback" in err) == (1, 1, False)
    assert f"error {number}" in logged
    assert "ZeroDivisionError: three apples" in logged


def test_the_unexpected_without_a_log_still_is_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("RECON_INSTANCE", str(tmp_path / "file"))
    assert "(ZeroDivisionError: three apples)" in sentence(ZeroDivisionError("three apples"))


def test_a_reader_that_leaves_is_no_failure_to_report() -> None:
    program = "import sys; from recon.cli import main; sys.argv = ['recon', '--help']; main()"
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([sys.executable, "-c", program], stdout=writer, stderr=subprocess.PIPE, timeout=20)
    os.close(writer)
    assert (done.returncode, done.stderr) == (1, b"")


def test_wrong_usage_shows_the_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert end(click.UsageError("Too many files.")) == 2
    assert "Too many files." in capsys.readouterr().err

"""How a command ends when it does not end well: one sentence on stderr and an exit code, never a traceback."""

from __future__ import annotations

import logging
import os
import sys
import uuid

import click

from recon.errors import Refusal
from recon.places import instance
from rules.errors import RuleErrors

REFUSED = 1
WRONG_USAGE = 2


def end(error: BaseException) -> int:
    """Say on stderr why the command stopped; the exit code."""
    if isinstance(error, click.UsageError):
        error.show()
        return WRONG_USAGE
    if isinstance(error, BrokenPipeError):
        return _reader_left()
    click.echo(sentence(error), err=True)
    return REFUSED


def sentence(error: BaseException) -> str:
    """What the user reads about `error`; an unexpected one is written to the log under the number in the sentence."""
    if isinstance(error, Refusal | RuleErrors):
        return str(error)
    if isinstance(error, click.ClickException):
        return error.format_message()
    if isinstance(error, KeyboardInterrupt | click.Abort):
        return "Stopped."
    if isinstance(error, OSError) and error.filename is not None:
        return f"{os.fsdecode(error.filename)}: {error.strerror}"
    return _unexpected(error)


def _unexpected(error: BaseException) -> str:
    number = uuid.uuid4().hex[:8]
    log = instance() / "log" / "recon.log"
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        handler = logging.FileHandler(log, encoding="utf-8")
    except OSError:
        return f"Unexpected error {number} ({type(error).__name__}: {error}); {log} cannot be written."
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    facts = (type(error), error, error.__traceback__)
    handler.handle(logging.LogRecord("recon.cli", logging.ERROR, "", 0, f"error {number}: {sys.argv}", None, facts))
    handler.close()
    return f"Unexpected error {number}; nothing more was done. The details are in {log}."


def _reader_left() -> int:
    """Whoever read our output has left (`recon lines | head`): nobody is there to tell, nothing to flush to."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return REFUSED

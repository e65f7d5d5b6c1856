"""The `recon` command. One file a group of commands; each registers itself on `main`."""

from __future__ import annotations

import sys

import click

from recon.errors import Refusal
from rules.errors import RuleErrors


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def commands() -> None:
    """Reconcile accounts: import, match, approve, verify."""


def main() -> None:
    """Entry point: a refusal is one sentence on stderr and exit 1, wrong usage is exit 2, never a traceback."""
    try:
        commands(standalone_mode=False)
    except click.UsageError as error:
        error.show()
        sys.exit(2)
    except click.Abort:
        sys.exit(1)
    except (Refusal, RuleErrors) as refusal:
        click.echo(str(refusal), err=True)
        sys.exit(1)

"""The `recon` command.

Every command is one row of `COMMANDS` and lives in the module named there. That module is imported only when its
command is called, so `recon match` never waits for Flask or SQLAlchemy, and registers its command itself::

    # recon/cli/match.py
    from recon.cli import commands

    @commands.command("match")          # or @commands.group("rules") for one with sub-commands
    @click.argument("left", ...)
    def match(left: Path, ...) -> None:
        \"\"\"Reconcile two files without a database.

        \\b
        Example: recon match ledger.csv bank.csv --rules standard
        \"\"\"

A new command: one row here, one function there. A command returns nothing; it stops with a `Refusal` (exit 1) or
`click.UsageError` (exit 2), or with `sys.exit(1)` when it has already said what is wrong. `main` turns every exception
into one sentence on stderr.
"""

from __future__ import annotations

import os
import sys
import warnings
from importlib import import_module

import click

from recon import __version__
from recon.cli.ending import end
from recon.languages import LANGUAGES, language_named, speaking_in

COMMANDS = {
    "approve": ("closing", "Approve a group at a date and seal its document."),
    "balances": ("closing", "The four figures of a group and the proof of their difference."),
    "db": ("operations", "Upgrade, back up and restore the database."),
    "import": ("imports", "Import a file or a folder into an account."),
    "lines": ("imports", "The lines of a group, open or matched."),
    "match": ("match", "Reconcile two files without a database."),
    "matches": ("imports", "The matches of a group."),
    "report": ("reports", "Write a report as PDF, CSV, Excel or HTML."),
    "rules": ("rules", "Check, import, export and preview rule sets."),
    "run": ("running", "Reconcile a group, or all of them."),
    "serve": ("serve", "Serve the web application."),
    "setup": ("setup", "Apply or export companies, accounts and groups as one YAML file."),
    "user": ("operations", "Add users and give them roles."),
    "verify": ("operations", "Check the whole database: audit chain, sealed documents, claims and balances."),
    "void": ("closing", "Void an approved document, giving the reason."),
    "why": ("running", "Why a line is matched, or what its nearest misses lack."),
    "withdraw": ("closing", "Withdraw an approval that nothing later builds on."),
    "worker": ("operations", "Run the jobs that are queued in the database."),
}
"""Command -> (module of this package, the line `recon --help` shows)."""


class LazyGroup(click.Group):
    """A group that imports a command's module when the command is asked for, and lists them without importing any."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in COMMANDS:
            import_module(f"recon.cli.{COMMANDS[cmd_name][0]}")
        return super().get_command(ctx, cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, COMMANDS[name][1]) for name in self.list_commands(ctx)])


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, message="%(prog)s %(version)s")
@click.option(
    "--language", type=click.Choice(list(LANGUAGES)), help="Language of sentences (default: by LC_ALL or LANG)."
)
@click.pass_context
def commands(context: click.Context, language: str | None) -> None:
    """Reconcile accounts: import, match, approve, verify.

    \b
    Example: recon match ledger.csv bank.csv --rules standard
    """
    context.with_resource(speaking_in(language or language_of_environment()))


def language_of_environment() -> str:
    """The language of messages that the first of these variables names, as gettext has it; English for any other."""
    said = next(filter(None, map(os.environ.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    return language_named(said) or "en"


def main() -> None:
    """Entry point: exit 0 done, 1 refused with one sentence on stderr, 2 wrong usage; never a traceback."""
    if not sys.warnoptions:  # libraries' warnings are for whoever runs the tests, not for whoever reconciles
        warnings.simplefilter("ignore")
    try:
        code = commands.main(prog_name="recon", standalone_mode=False)  # an int only from ctx.exit(code)
        sys.stdout.flush()  # here, so that a closed pipe is met inside this try
    except (Exception, KeyboardInterrupt) as error:
        code = end(error)
    sys.exit(code if isinstance(code, int) else 0)

"""`recon match`: two files in, matches out, no database."""

from __future__ import annotations

import json
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from recon.cli import commands
from recon.cli.large_work import keep_memory, leave, without_collector
from rules.wording import _

if TYPE_CHECKING:
    from rules.model import RuleSet


@commands.command("match")
@click.argument("left", type=click.Path(path_type=Path))
@click.argument("right", type=click.Path(path_type=Path))
@click.option("--rules", "rule_file", default="standard", help="A rule file, or the name of a shipped rule set.")
@click.option("--out", type=click.Path(path_type=Path), help="Write the matches here as CSV, one row a line.")
@click.option("--unmatched", type=click.Path(path_type=Path), help="Write the open lines here as CSV.")
@click.option("--postings", type=click.Path(path_type=Path), help="Write the lines that rules post here as CSV.")
@click.option("--country", help="Country of the banking days, for example NO.")
@click.option("--left-account", help="The account to read where LEFT holds several.")
@click.option("--right-account", help="The account to read where RIGHT holds several.")
@click.option("--json", "as_json", is_flag=True, help="Print the counts as JSON.")
def match(
    left: Path,
    right: Path,
    rule_file: str,
    out: Path | None,
    unmatched: Path | None,
    postings: Path | None,
    country: str | None,
    left_account: str | None,
    right_account: str | None,
    as_json: bool,
) -> None:
    """Reconcile two files without a database: LEFT is the ledger, RIGHT the bank.

    \b
    Example: recon match ledger.csv bank.csv --rules standard --out matches.csv
    """
    keep_memory()
    from recon.services.match_files import match_files

    found = without_collector(
        match_files,
        left,
        right,
        partial(_rule_set, rule_file),
        left_account=left_account,
        right_account=right_account,
        country=country.upper() if country else None,
        progress=_progress if sys.stderr.isatty() else None,
    )
    from recon.services.matched_tables import counts, matches_table, postings_table, unmatched_table, write_csv

    if out:
        write_csv(matches_table(found), out)
    if unmatched:
        write_csv(unmatched_table(found), unmatched)
    if postings:
        write_csv(postings_table(found), postings)
    summary = counts(found)
    click.echo(json.dumps(summary, ensure_ascii=False) if as_json else _sentences(summary))
    leave()


def _rule_set(name: str) -> RuleSet:
    from rules.codec import load_file
    from rules.standard import NAMES, load

    return load(name) if name in NAMES and not Path(name).exists() else load_file(Path(name))


def _progress(rule: str, done: float) -> None:
    end = "\r" if done < 1 else "\n"
    click.echo(f"\x1b[K{done:4.0%}  {rule}{end}", err=True, nl=False)


def _sentences(summary: dict[str, object]) -> str:
    rules = summary["rules"]
    assert isinstance(rules, list)
    width = max([4, *(len(rule["rule"]) for rule in rules)])
    rows = [f"{'rule':{width}}  {'confirmed':>10}  {'suggested':>10}  {'lines':>10}"]
    rows += [
        f"{rule['rule']:{width}}  {rule['confirmed']:>10}  {rule['suggested']:>10}  {rule['lines']:>10}"
        for rule in rules
    ]
    rows.append(_("open: {open_left} left, {open_right} right; choices: {choices}").format(**summary))
    rows.append(_("passes: {passes}; facts handed to the rules engine: {facts}").format(**summary))
    postings = summary["postings"]
    assert isinstance(postings, list)
    posting = _("{rule}: {n} to be posted as {entry}")
    rows += [
        posting.format(rule=rule["rule"], n=rule["confirmed"] + rule["suggested"], entry=rule["entry_type"])
        for rule in postings
    ]
    findings = summary["findings"]
    assert isinstance(findings, list)
    rows += [finding["sentence"] for finding in findings]
    return "\n".join(rows)

"""`recon rules preview` and `recon rules backtest`: rules tried out on a group, nothing written."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

import click
from sqlalchemy.orm import Session

from recon.access import Actor
from recon.cli.acting import as_user, looking
from recon.cli.large_work import without_collector
from recon.closing.documents import period_end
from recon.services.backtest_rules import LISTED, Backtest, backtest_rules
from recon.services.find_group import find_group
from recon.services.find_rule_set import find_rules
from recon.services.preview_rules import Preview, preview_rules
from recon.services.trial_matches import plain, stored
from rules.codec import load_file
from rules.model import RuleSet
from rules.values import from_minor
from rules.wording import _


@click.command("preview")
@click.argument("group")
@click.argument("rules")
@click.option("--json", "as_json", is_flag=True, help="Print the figures and examples as JSON.")
@as_user
def preview(group: str, rules: str, as_json: bool, user: str | None) -> None:
    """What RULES (a file, or a rule set as NAME or NAME@VERSION) would do to the open lines of GROUP, beside the rules
    in force. Nothing is written.

    \b
    Example: recon rules preview "Fjord AS/1920-bank" my-rules.yaml
    """
    with looking(user) as (session, actor):
        found = find_group(session, actor, group)
        tried = named_rules(session, actor, found.id, rules)
        result = without_collector(preview_rules, session, actor, found.id, tried, progress=_progress())
    told = plain(stored(result), result.currency)
    click.echo(json.dumps(told, ensure_ascii=False) if as_json else "\n".join(_previewed(result)))


@click.command("backtest")
@click.argument("group")
@click.argument("rules")
@click.option("--periods", metavar="YYYYMM[-YYYYMM]", help="The approved periods that end in this month, or in these.")
@click.option("--from", "first", metavar="DATE|YYYYMM", help="Leave out periods that end earlier.")
@click.option("--to", "last", metavar="DATE|YYYYMM", help="Leave out periods that end later.")
@click.option("--most", type=click.IntRange(0), default=LISTED, show_default=True, help="Groups listed of each kind.")
@click.option("--json", "as_json", is_flag=True, help="Print figures and groups as JSON.")
@as_user
def backtest(
    group: str,
    rules: str,
    periods: str | None,
    first: str | None,
    last: str | None,
    most: int,
    as_json: bool,
    user: str | None,
) -> None:
    """What RULES (a file, or a rule set as NAME or NAME@VERSION) would have matched in approved periods of GROUP,
    beside what stood. Nothing is written.

    \b
    Example: recon rules backtest "Fjord AS/1920-bank" "Our rules@4" --periods 202501-202506
    """
    from_on, to_on = days_of(periods, first, last)
    with looking(user) as (session, actor):
        found = find_group(session, actor, group)
        tried = named_rules(session, actor, found.id, rules)
        result = without_collector(
            backtest_rules,
            session,
            actor,
            found.id,
            tried,
            from_on=from_on,
            to_on=to_on,
            listed=most,
            progress=_progress(),
        )
    told = plain(stored(result), result.currency)
    click.echo(json.dumps(told, ensure_ascii=False) if as_json else "\n".join(_backtested(result)))


def named_rules(session: Session, actor: Actor, group_id: int, name: str) -> RuleSet:
    """Rules from a file, or stored ones by their set's name."""
    path = Path(name)
    return load_file(path) if path.is_file() else find_rules(session, actor, group_id, name)


def days_of(periods: str | None, first: str | None, last: str | None) -> tuple[date | None, date | None]:
    """The days between which a period must end; None is no bound."""
    if periods and (first or last):
        raise click.UsageError(_("Give either --periods, or --from and --to."))
    if periods:
        first, _dash, last = periods.partition("-")
        last = last or first
    return _first_day(first) if first else None, period_end(last) if last else None


def _first_day(text: str) -> date:
    day = period_end(text)
    return day.replace(day=1) if len(text) == len("YYYYMM") else day


def _progress() -> Any:
    def show(step: str, share: float) -> None:
        click.echo(f"\r\x1b[K{share:4.0%}  {step}" if share < 1 else "\r\x1b[K", err=True, nl=False)

    return show if sys.stderr.isatty() else None


def _previewed(result: Preview) -> list[str]:
    width = max([4, *(len(rule.name) for rule in result.rules)])
    against = result.against or _("no rules in force")
    told = [_("{group}: {rules} beside {against}").format(group=result.group, rules=result.rule_set, against=against)]
    told.append(f"  {'':{width}}  {'matches':>8} {'newly':>8} {'from rules':>10} {'no longer':>10} {'to rules':>8}")
    for rule in result.rules:
        figures = f"{rule.matches:>8} {rule.newly:>8} {rule.taken_over:>10} {rule.no_longer:>10} {rule.handed_over:>8}"
        aside = "  " + _("({n} left aside)").format(n=rule.excluded) if rule.excluded else ""
        told.append(f"  {rule.name:{width}}  {figures}{aside}")
        told += _examples("+", rule.new_examples, result.currency) + _examples("−", rule.lost_examples, result.currency)
    for side, rest in result.left_open.items():
        before = result.left_open_before[side]
        amounts = [from_minor(each.amount_minor, result.currency) for each in (rest, before)]
        left = _("{n} left open, {amount} (before: {n_before}, {amount_before})")
        facts = {"n": rest.count, "amount": amounts[0], "n_before": before.count, "amount_before": amounts[1]}
        told.append(f"  {side:5}  {left.format(**facts)}")
    return told + [f"  {finding.sentence}" for finding in result.findings]


def _examples(mark: str, matches: Any, currency: str) -> list[str]:
    return [f"    {mark} {sentence}" for match in matches for sentence in match.sentences(currency)]


def _backtested(result: Backtest) -> list[str]:
    head = _("{group}, {first} – {last}: {rules} on {lines} lines of {count} approved periods")
    told = [
        head.format(
            group=f"{result.company}/{result.group}",
            first=result.from_on,
            last=result.to_on,
            rules=result.rule_set,
            lines=result.lines,
            count=len(result.documents),
        ),
        f"  {'':8} {'groups':>8} {'stood':>8} {'amount':>18} {'found':>8} {'amount':>18}",
    ]
    for kind in result.kinds:
        stood, found = (
            from_minor(minor, result.currency) for minor in (kind.stood_turnover_minor, kind.found_turnover_minor)
        )
        told.append(f"  {kind.kind:8} {kind.groups:>8} {kind.stood:>8} {stood:>18} {kind.found:>8} {found:>18}")
    for heading, fates in ((_("What stood"), result.stood_by), (_("What the draft finds"), result.found_by)):
        told.append(heading)
        told += [f"  {fate.name}: " + ", ".join(f"{n} {kind}" for kind, n in fate.matches.items()) for fate in fates]
    return told + [f"  {finding.sentence}" for finding in result.findings]

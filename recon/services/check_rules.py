"""What is doubtful about a rule set, with what two files of lines show of it."""

from __future__ import annotations

from pathlib import Path

from recon.matching.outdone import shadowed_on_data
from recon.services.match_files import match_files
from rules.errors import Finding
from rules.lint import lint
from rules.model import RuleSet


def check_rules(
    rule_set: RuleSet, files: tuple[Path, Path] | None = None, *, country: str | None = None
) -> list[Finding]:
    """Findings of lint, then of rules whose every match on the files' lines (ledger, bank) other rules take.

    Raises as `match_files` does.
    """
    found = lint(rule_set)
    if files is None:
        return found
    seen = match_files(*files, lambda: rule_set, country=country)
    known = {finding.where for finding in found if finding.code == "shadowed"}
    outdone = shadowed_on_data(seen.left, seen.right, rule_set, country=country, result=seen.result)
    return found + [finding for finding in outdone if finding.where not in known]

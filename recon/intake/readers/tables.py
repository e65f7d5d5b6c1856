"""What the readers of CSV and of workbooks do with a table that has a bank's columns, not ours."""

from __future__ import annotations

from recon.errors import Unreadable
from recon.intake.mapping import Proposal, propose
from recon.intake.statement import Reading
from recon.intake.tables.grid import Grid
from rules.wording import _


def read_table(grid: Grid) -> Reading:
    """The table as its headings and content tell. Raises Unreadable with the question that stays open."""
    proposal = propose(grid)
    if proposal.settled and proposal.reading is not None:
        return proposal.reading_with_findings()
    raise Unreadable(proposal.refusal if proposal.refusal and not _asked(proposal) else _open(grid, proposal))


def _asked(proposal: Proposal) -> list[str]:
    return [question.sentence for question in proposal.open_questions if question.code != "currency"]


def _open(grid: Grid, proposal: Proposal) -> str:
    sentence = _("{file}: {question} Tell it once in a mapping of this file's columns.")
    return sentence.format(file=grid.name, question=_asked(proposal)[0])

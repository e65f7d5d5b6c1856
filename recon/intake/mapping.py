"""Tables of banks (CSV, Excel): what their columns mean is proposed from headings and content, checked by a person
where it stays open, kept as a profile, and used to read.

    grid = open_table(Path("netbank.csv"), "netbank.csv")
    proposal = propose(grid)                    # profile, open questions, proof, findings
    reading = read_with(grid, proposal.profile)
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from recon.errors import Refusal, Unreadable
from recon.intake.canonical import quoted
from recon.intake.remarks import Remarks
from recon.intake.statement import Reading
from recon.intake.stream import content, opened
from recon.intake.tables import banks, headings, written
from recon.intake.tables.around import around, marks_of
from recon.intake.tables.delimited import text_grid
from recon.intake.tables.grid import Grid
from recon.intake.tables.lines import NO_CURRENCY, Body
from recon.intake.tables.profile import ROLES, SIGN_RULES, Profile, SignRule, header_fingerprint, heading_words
from recon.intake.tables.sheet import is_sheet, sheet_grid
from recon.intake.tables.statements import Proof, follows, statements
from rules.errors import Finding
from rules.wording import N_, _

__all__ = [
    "ROLES", "SIGN_RULES", "Grid", "Profile", "Proof", "Proposal", "Question", "answered", "check", "fingerprint_of",
    "open_table", "propose", "proposed_again", "read_with",
]  # fmt: skip

_SAMPLE = 20_000
"""Lines by which rules of sign are tried against a running balance."""
MONEY = ("amount", "money_in", "money_out", "fee", "balance")


@dataclass(frozen=True, slots=True)
class Question:
    """What the content leaves open. `code` is the attribute of the profile or the role that is asked for; `options`
    are (value, words), the likeliest first. `answered(profile, code, value)` takes the value.
    """

    code: str
    sentence: str
    options: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Proposal:
    """`profile` is the likeliest whether questions are open or not. `reading` is the whole file read with it, None
    where it cannot be: then `refusal` says why in one sentence. One proof for each account and currency.
    """

    profile: Profile
    open_questions: tuple[Question, ...]
    proof: tuple[Proof, ...]
    findings: tuple[Finding, ...]
    reading: Reading | None = None
    refusal: str = ""

    @property
    def settled(self) -> bool:
        """Nothing but the currency is open, and the file can be read."""
        return self.reading is not None and all(question.code == "currency" for question in self.open_questions)

    def reading_with_findings(self) -> Reading:
        """The reading with everything that was found on the way to the profile."""
        assert self.reading is not None, "asked for only where the file can be read"
        return replace(self.reading, findings=self.findings)


def open_table(source: Path | bytes, name: str) -> Grid:
    """The cells of a CSV file or of a workbook's first sheet that is not empty, told by content. Raises Unreadable."""
    with opened(source, name) as stream:
        return sheet_grid(content(stream), name) if is_sheet(stream.read(4096)) else text_grid(stream, name)


def fingerprint_of(grid: Grid) -> str:
    """By which a saved profile is found again: equal for tables with the same headings (`Profile.fingerprint`)."""
    row = headings.header_row(grid)
    return header_fingerprint(grid.row(row) if row is not None else (), grid.width)


def propose(grid: Grid, currency: str | None = None) -> Proposal:
    """What the columns mean, by their headings, their content and what is known of the bank.

    `currency` is that of the account the file is for, if it is known. Raises Unreadable if the file holds no table.
    """
    header, start = _header(grid)
    bank = banks.known_bank(header)
    profile, questions = _columns(grid, header, start, bank)
    return _written(grid, profile, start, bank, currency, questions)


def proposed_again(grid: Grid, profile: Profile) -> Proposal:
    """What is left to propose and to ask once a person has said what the columns are: forms and signs."""
    header, start = _header(grid)
    return _written(grid, profile, start, banks.known_bank(header), profile.currency, [])


def _written(
    grid: Grid, profile: Profile, start: int, bank: banks.Bank | None, currency: str | None, questions: list[Question]
) -> Proposal:
    """How the cells of known columns are written."""
    remarks = Remarks()
    profile = replace(profile, currency=_told_currency(grid, profile, start, bank, currency, remarks))
    if profile.place("booking_date") is not None and _has_money(profile):
        profile, asked = _forms(grid, profile, start, bank, remarks)
        questions += asked
        profile, asked = _signs(grid, profile, start)
        questions += asked
    checked = check(grid, profile)
    questions += [q for q in checked.open_questions if q.code not in {asked.code for asked in questions}]
    return replace(checked, open_questions=tuple(questions), findings=(*remarks.all(), *checked.findings))


def check(grid: Grid, profile: Profile) -> Proposal:
    """Read the whole file with a profile, as a person has changed it; what it lacks is asked again."""
    questions = tuple(_lacking(grid, profile))
    try:
        reading, proofs = _read(grid, profile)
    except Unreadable as refusal:
        return Proposal(profile, questions, (), grid.findings, refusal=str(refusal))
    return Proposal(profile, questions, tuple(proofs), reading.findings, reading)


def answered(profile: Profile, code: str, value: str) -> Profile:
    """The profile with one question answered. Raises Refusal for a value that is none of its options."""
    if code in ROLES and code != "currency":  # what is asked of the currency is which one it is
        if not value.isdecimal() or int(value) >= len(profile.roles):
            raise Refusal(_("there is no column {n} in the file").format(n=value))
        return profile.with_role(code, int(value))
    document: dict[str, Any] = profile.to_document() | {code: value}
    return Profile.from_document(document)


def read_with(grid: Grid, profile: Profile) -> Reading:
    """The whole file by a profile: a statement for each account and currency, what does not add up as findings.

    Raises Unreadable if the table has other headings than the profile, or naming the cell that cannot be read.
    """
    return _read(grid, profile)[0]


def _read(grid: Grid, profile: Profile) -> tuple[Reading, list[Proof]]:
    start = _start(grid, profile)
    lacking = next(_lacking(grid, profile), None)
    if lacking is not None and lacking.code != "currency":
        raise Unreadable(f"{grid.name}: {lacking.sentence}")
    body = Body(grid, profile, start)
    if not len(body.rows):
        raise Unreadable(_("{file} holds headings and no lines.").format(file=grid.name))
    body.remarks.extend(grid.findings)
    found, proofs = statements(body)
    if any(statement.currency == NO_CURRENCY for statement in found):
        said = _("The file names no currency, and none is told; the amounts are read with two decimals.")
        body.remarks.add("no-currency", "warning", grid.name, said)
    return Reading(grid.format, profile.bank, tuple(found), body.remarks.all()), proofs


def _header(grid: Grid) -> tuple[tuple[str, ...], int]:
    row = headings.header_row(grid)
    if row is not None:
        return tuple(grid.row(row)), row + 1
    if headings.starts_with_data(grid):
        return (), 0
    raise Unreadable(
        _("{file}: no row of headings is found, and the first row holds no date and amount.").format(file=grid.name)
    )


def _start(grid: Grid, profile: Profile) -> int:
    """The row below the headings of the profile."""
    if len(profile.roles) < grid.width:
        sentence = _("{file} has {n} columns, the mapping {m}.")
        raise Unreadable(sentence.format(file=grid.name, n=grid.width, m=len(profile.roles)))
    if not profile.header:
        return 0
    wanted = _words(profile.header)
    for number, row in enumerate(grid.head(60)):
        if _words(row) == wanted:
            return number + 1
    raise Unreadable(_("{file} has not the headings of the mapping.").format(file=grid.name))


def _words(row: Sequence[str]) -> list[str]:
    words = [heading_words(cell) for cell in row]
    while words and not words[-1]:
        words.pop()
    return words


def _columns(
    grid: Grid, header: tuple[str, ...], start: int, bank: banks.Bank | None
) -> tuple[Profile, list[Question]]:
    first = grid.row(start) if start < len(grid) else []
    baltic = banks.baltic_roles(first, grid.width)
    if baltic is not None:
        profile = Profile(header, baltic, sign="mark", minus=("D",), bank=banks.SWEDBANK_BALTICS)
        return profile, []
    given = list(headings.roles(grid, header, start))
    for heading, role in (bank.roles if bank else {}).items():
        place = next((n for n, cell in enumerate(header) if heading_words(cell) == heading), None)
        if place is not None:
            given = [role if n == place else ("extra" if r == role != "extra" else r) for n, r in enumerate(given)]
    profile = Profile(header, _single_amount(tuple(given)), bank=bank.name if bank else "")
    return profile, []


def _single_amount(roles: tuple[str, ...]) -> tuple[str, ...]:
    """One amount column beside columns for in and out is the amount; a mark needs an amount."""
    if "amount" in roles and {"money_in", "money_out"} <= set(roles):
        return tuple("extra" if role == "amount" else role for role in roles)
    if "amount" in roles:
        return tuple("extra" if role in ("money_in", "money_out") else role for role in roles)
    return roles


def _has_money(profile: Profile) -> bool:
    return any(profile.place(role) is not None for role in ("amount", "money_in", "money_out"))


def _lacking(grid: Grid, profile: Profile) -> Iterator[Question]:
    """What no file can be read without."""
    columns = tuple((str(n), profile.label(n)) for n in range(len(profile.roles)))
    if profile.place("booking_date") is None:
        yield Question("booking_date", _("Which column holds the booking date?"), columns)
    if not _has_money(profile):
        yield Question("amount", _("Which column holds the amount?"), columns)
    told = profile.currency or profile.place("currency") is not None
    if not told:
        usual = tuple((code, code) for code in ("NOK", "SEK", "DKK", "EUR"))
        yield Question("currency", _("Which currency are the amounts in? The file does not say."), usual)


def _told_currency(
    grid: Grid, profile: Profile, start: int, bank: banks.Bank | None, account_currency: str | None, remarks: Remarks
) -> str | None:
    """Currency by the texts above the lines, else the account's, else the bank's usual one, which is said."""
    if profile.place("currency") is not None:
        return None
    told = around(grid.row(n) for n in range(start - (1 if profile.header else 0))).currency
    if told or account_currency:
        return told or account_currency
    if bank is not None and bank.currency:
        sentence = _("The file names no currency; {bank}'s usual one, {currency}, is taken.")
        said = sentence.format(bank=bank.name, currency=bank.currency)
        remarks.add("currency-assumed", "warning", grid.name, said)
        return bank.currency
    return None


def _forms(
    grid: Grid, profile: Profile, start: int, bank: banks.Bank | None, remarks: Remarks
) -> tuple[Profile, list[Question]]:
    """Decimal mark, then the order of day and month, each by the whole column."""
    body = Body(grid, profile, start)
    questions: list[Question] = []
    marks = _marks(body)
    profile = replace(profile, decimal=marks[0])
    if len(marks) > 1:
        known = bank.decimal if bank else None
        profile = replace(profile, decimal=known or marks[0])
        if known is None:
            questions.append(_decimal_question(body))
    orders = _orders(body)
    if len(orders) > 1 and bank is not None and bank.date_order in orders:
        orders = (bank.date_order,)
    elif len(orders) > 1 and profile.decimal == "," and len(marks) == 1 and "dmy" in orders:
        orders = ("dmy",)  # where amounts have a decimal comma, nobody writes the month first
        said = _("Days are read before months, as the amounts have a decimal comma.")
        remarks.add("date-order", "info", grid.name, said)
    elif len(orders) > 1:
        questions.append(_order_question(body, orders))
    return replace(profile, date_order=orders[0]), questions


def _money_texts(body: Body) -> Iterator[pa.Array]:
    """Columns of amounts as text; cells that were numbers of a sheet have told their form already."""
    for role in MONEY:
        place = body.profile.place(role)
        if place is not None:
            texts, numbers = body.texts(place), body.grid.is_number(place, body.start)
            yield (texts if numbers is None else pc.if_else(numbers, None, texts)).drop_null()


def _marks(body: Body) -> tuple[written.DecimalMark, ...]:
    """The decimal marks that fit; the commoner one where cells disagree, so that the other cell can be named."""
    found: list[tuple[written.DecimalMark, ...]] = []
    doubtful = False
    for texts in _money_texts(body):
        if pc.any(pc.match_substring_regex(written.bare(texts), "[.,]"), min_count=0).as_py():
            marks = written.decimal_marks(texts)
            found.append(marks or _commoner(texts))
            doubtful = True
    both = [mark for mark in (",", ".") if all(mark in marks for marks in found)]
    if doubtful and both:
        return tuple(cast("list[written.DecimalMark]", both))
    asides = [body.grid.row(n) for n in range(body.start)]
    told = marks_of(around(asides))
    return tuple(told) if len(told) == 1 else (found[0][:1] if found else (".",))


def _commoner(texts: pa.Array) -> tuple[written.DecimalMark, ...]:
    counts = {mark: written.amounts(texts, mark, 4).null_count for mark in (",", ".")}
    return (",",) if counts[","] < counts["."] else (".",)


def _decimal_question(body: Body) -> Question:
    example = next((t for texts in _money_texts(body) for t in texts.to_pylist() if "." in t or "," in t), "")
    sentence = _("Does the mark in “{example}” part thousands or decimals?").format(example=quoted(example))
    by_mark = {",": _("a comma parts decimals"), ".": _("a point parts decimals")}
    return Question("decimal", sentence, tuple(by_mark.items()))


def _orders(body: Body) -> tuple[written.DateOrder, ...]:
    """Orders that every date agrees on; where none does, the one most agree on, so that the other can be named."""
    texts = [body.role(role) for role in ("booking_date", "value_date", "due_date")]
    days = [_days_only(column) for column in texts if column is not None]
    fitting = [orders for column in days if (orders := written.date_orders(column))]
    common = [o for o in written.DATE_ORDERS if fitting and all(o in orders for orders in fitting)]
    if common:
        return tuple(common)
    counts = {order: len(written.dates(days[0], order).drop_null()) for order in written.DATE_ORDERS}
    return (max(written.DATE_ORDERS, key=lambda order: counts[order]),)


def _days_only(texts: pa.Array) -> pa.Array:
    """Cells that are a day in some order: a balance row below the lines has a text there."""
    return texts.filter(pc.match_substring_regex(texts, r"^\s*'?\d{1,4}[.\-/: ]?\d|^\s*\d{1,2}[. ]+\pL")).drop_null()


def _order_question(body: Body, orders: Iterable[written.DateOrder]) -> Question:
    place = cast(int, body.profile.place("booking_date"))
    example = next((text for text in body.texts(place).to_pylist() if text), "")
    words = {"dmy": _("day, month, year"), "mdy": _("month, day, year"), "ymd": _("year, month, day")}
    sentence = _("Which is the day and which the month in “{example}”?").format(example=quoted(example))
    return Question("date_order", sentence, tuple((order, words[order]) for order in orders))


def _signs(grid: Grid, profile: Profile, start: int) -> tuple[Profile, list[Question]]:
    """The sign rule: what the running balance proves, else what the content leaves no doubt about, else asked."""
    candidates = _sign_rules(profile)
    sample = _sampled(grid, start)
    proven = next((rule for rule in candidates if _proves(sample, replace(profile, sign=rule), start)), None)
    if proven is not None:
        return replace(profile, sign=proven), []
    try:
        rule, sure = _by_content(Body(grid, profile, start), candidates)
    except Unreadable:  # the cell that cannot be read is named when the file is
        return replace(profile, sign=candidates[0]), []
    question = Question("sign", _sign_sentence(profile), tuple((each, _(SIGN_RULES[each])) for each in candidates))
    return replace(profile, sign=rule), [] if sure else [question]


def _sampled(grid: Grid, start: int) -> Grid:
    end = start + _SAMPLE
    if len(grid) <= end:
        return grid
    numbers = {name: mask.slice(0, end) for name, mask in grid.numbers.items()}
    return replace(grid, cells=grid.cells.slice(0, end), numbers=numbers)


def _sign_rules(profile: Profile) -> list[SignRule]:
    """Rules that the columns allow, the likeliest first."""
    if profile.place("amount") is None:
        return ["in_out", "in_minus_out", "in_plus_out"]
    if profile.place("mark") is not None:
        return ["mark", "signed", "turned"]
    return ["signed", "turned"]


def _proves(grid: Grid, profile: Profile, start: int) -> bool:
    """Does a running balance of more than one line agree everywhere? Only amounts that are not all zero tell."""
    if profile.place("balance") is None:
        return False
    try:
        return follows(Body(grid, profile, start))
    except Unreadable:
        return False


def _by_content(body: Body, candidates: list[SignRule]) -> tuple[SignRule, bool]:
    """(rule, is there no doubt): a column with both signs, or one column for each direction."""
    if "in_out" in candidates:
        return _by_columns(body)
    amounts = written.as_int64(body.money("amount") or pa.array([], pa.int64()))
    if "mark" in candidates:
        marks = cast("np.ndarray[Any, Any]", body.marks)
        if not (amounts < 0).any():
            return "mark", True
        agrees = bool(((np.sign(amounts) == marks) | (amounts == 0)).all())
        return ("signed" if agrees else "mark"), agrees
    return "signed", bool((amounts < 0).any()) or bool(body.profile.bank) or not len(amounts)


def _by_columns(body: Body) -> tuple[SignRule, bool]:
    out = body.money("money_out")
    minor = written.as_int64(out) if out is not None else np.zeros(0, dtype=np.int64)
    if (minor > 0).any() and (minor < 0).any():
        return ("in_plus_out" if (minor < 0).sum() > (minor > 0).sum() else "in_minus_out"), False
    return "in_out", True


def _sign_sentence(profile: Profile) -> str:
    if profile.place("amount") is None:
        return _("Money out has both signs: which rule gives what came in and went out?")
    if profile.place("mark") is not None:
        return _("Some amounts have a minus that their mark contradicts: which of them counts?")
    return _("Every amount has the same sign: is plus what came in, or what went out?")


QUESTION_TITLES = {
    "booking_date": N_("Booking date"),
    "amount": N_("Amount"),
    "decimal": N_("Decimal mark"),
    "date_order": N_("Form of the dates"),
    "sign": N_("Money in and out"),
    "currency": N_("Currency"),
}
"""What each code of a question is called over its options."""

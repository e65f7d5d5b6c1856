"""Rows of a table as lines of accounts, by a profile: exact, in the order of time, or the file is refused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cached_property
from typing import cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from recon.errors import Unreadable
from recon.intake.canonical import known_currency, quoted
from recon.intake.remarks import Remarks
from recon.intake.tables import written
from recon.intake.tables.around import Around, around, is_aside
from recon.intake.tables.grid import Grid
from recon.intake.tables.headings import MINUS_MARKS, is_account
from recon.intake.tables.profile import Profile, heading_words
from recon.intake.tables.running import Int64s
from rules.values import exponent
from rules.wording import _

NO_CURRENCY = "XXX"
"""ISO 4217's code for no currency: what a line has where neither file nor profile says one."""
_DIGITS = 15
_NOT_BOOKED = frozenset(
    "pending reserved reservert reserverad reserveret reservation declined failed reverted avvist väntande venter "
    "under behandling ei kirjattu".split()
)
_RESERVATION = r"(?i)^\s*(reservation|reservasjon|reservert|reserverad|reserveret)\b"
_MOST_ASIDE = 1_000
_TYPES = {"20": "entry", "10": "opening", "86": "closing", "82": "turnover"}


@dataclass
class Body:
    """The rows below the headings, under a profile. Columns are computed when asked for; rows are 0-based in `grid`."""

    grid: Grid
    profile: Profile
    start: int
    remarks: Remarks = field(default_factory=Remarks)

    def texts(self, place: int) -> pa.Array:
        """A column below the headings, stripped; null where empty."""
        texts = self.grid.column(place, self.start)
        if not pc.any(pc.match_substring_regex(texts, r"^\s|\s$|^$"), min_count=0).as_py():
            return texts  # most columns are as they should be, and need no second copy
        stripped = pc.utf8_trim_whitespace(texts)
        return pc.if_else(pc.equal(stripped, ""), None, stripped)

    def role(self, role: str) -> pa.Array | None:
        place = self.profile.place(role)
        return self.texts(place) if place is not None else None

    @cached_property
    def days(self) -> pa.Array:
        """Booking date of every row; null where the cell is none."""
        place = self.profile.place("booking_date")
        assert place is not None, "asked for only with the column told"
        return written.dates(self.texts(place), self.profile.date_order)

    @cached_property
    def _types(self) -> pa.Array | None:
        return self.role("row_type")

    @cached_property
    def is_line(self) -> NDArray[np.bool_]:
        """Which rows are lines. Refuses a row that is neither a line nor a balance, total, heading or empty row."""
        lines = np.asarray(pc.is_valid(self.days).to_numpy(zero_copy_only=False))
        if self._types is not None:
            return np.asarray(pc.fill_null(pc.equal(self._types, "20"), False).to_numpy(zero_copy_only=False))
        dateless = np.flatnonzero(~lines)
        for row in dateless[:_MOST_ASIDE]:
            self._require_aside(int(row))
        if len(dateless) > _MOST_ASIDE:
            filled = [n for n in dateless[_MOST_ASIDE:] if any(self.grid.row(int(n) + self.start))]
            for row in filled[:1]:
                raise self._no_date(int(row), self.grid.row(int(row) + self.start))
        lines &= ~self._opening_row()
        lines &= ~self._unbooked()
        return lines & self._has_amount()

    def _require_aside(self, row: int) -> None:
        cells = self.grid.row(row + self.start)
        heading = [heading_words(cell) for cell in cells] == [heading_words(cell) for cell in self.profile.header]
        if not heading and not is_aside(cells):
            raise self._no_date(row, cells)

    def _no_date(self, row: int, cells: list[str]) -> Unreadable:
        place = cast(int, self.profile.place("booking_date"))
        written_cell = cells[place] if place < len(cells) else ""
        reason = (
            _("“{value}” is no date").format(value=quoted(written_cell)) if written_cell else _("the date is missing")
        )
        return self.grid.refuse(row + self.start, self.profile.label(place), reason)

    def _opening_row(self) -> NDArray[np.bool_]:
        """A dated first row that only carries an old balance over."""
        mask = np.zeros(len(self.days), dtype=bool)
        if len(mask) and around([self.grid.row(self.start)]).opening is not None:
            mask[0] = True
        return mask

    def _unbooked(self) -> NDArray[np.bool_]:
        mask = np.zeros(len(self.days), dtype=bool)
        status = self.role("status")
        if status is not None:
            words = pa.array(sorted(_NOT_BOOKED))
            mask |= np.asarray(pc.is_in(pc.utf8_lower(status), value_set=words).to_numpy(zero_copy_only=False))
        for place in self.profile.places("text"):
            held = pc.fill_null(pc.match_substring_regex(self.texts(place), _RESERVATION), False)
            mask |= np.asarray(held.to_numpy(zero_copy_only=False))
        if mask.any():
            sentence = _("{n} rows are reservations or not booked, and are not read.")
            self.remarks.add("not-booked", "info", self.grid.name, sentence.format(n=int(mask.sum())))
        return mask

    def _has_amount(self) -> NDArray[np.bool_]:
        mask = np.zeros(len(self.days), dtype=bool)
        for role in ("amount", "money_in", "money_out"):
            texts = self.role(role)
            if texts is not None:
                mask |= np.asarray(pc.is_valid(texts).to_numpy(zero_copy_only=False))
        dated = np.asarray(pc.is_valid(self.days).to_numpy(zero_copy_only=False))
        empty = int((dated & ~mask).sum())
        if empty:
            sentence = _("{n} rows have a date and no amount, and are not read.")
            self.remarks.add("no-amount", "warning", self.grid.name, sentence.format(n=empty))
        return mask

    @cached_property
    def rows(self) -> Int64s:
        """Row numbers of the lines, from 0 at `start`."""
        return np.flatnonzero(self.is_line).astype(np.int64)

    def take(self, values: pa.Array) -> pa.Array:
        """The values of the lines only."""
        return values if len(self.rows) == len(values) else pc.take(values, pa.array(self.rows))

    @cached_property
    def around(self) -> Around:
        """What the rows above the headings and the rows that are no lines say."""
        asides = (
            [n for n in range(min(len(self.is_line), 2_000_000)) if not self.is_line[n]][:_MOST_ASIDE]
            if not self.is_line.all()
            else []
        )
        above = [self.grid.row(n) for n in range(self.start)]
        if self._types is not None:
            return around(above)
        return around([*above, *(self.grid.row(n + self.start) for n in asides)])

    @cached_property
    def currencies(self) -> pa.Array:
        """Currency of every line. Refuses a cell that is no currency."""
        texts = self.role("currency")
        default = self._default_currency()
        if texts is None:
            return pa.repeat(default, len(self.rows))
        found = pc.fill_null(pc.utf8_upper(self.take(texts)), default)
        for code in pc.unique(found).to_pylist():
            if not known_currency(code):
                row = int(self.rows[pc.index(found, code).as_py()])
                reason = _("“{value}” is no ISO currency").format(value=quoted(code))
                raise self.grid.refuse(row + self.start, self._label("currency"), reason)
        return found

    def _default_currency(self) -> str:
        """What the file says above its lines or in its amounts must be what the profile says."""
        own = self.profile.currency
        told = None if self.profile.place("currency") is not None else self.around.currency or self._in_amounts()
        if own and told and own != told:
            sentence = _("{file} is in {told}, the mapping says {own}.")
            raise Unreadable(sentence.format(file=self.grid.name, told=told, own=own))
        return own or told or NO_CURRENCY

    def _in_amounts(self) -> str | None:
        """The one currency that stands in the cells of the amounts."""
        texts = self.role("amount") if self.profile.place("amount") is not None else self.role("money_in")
        words = (
            set()
            if texts is None
            else written.currency_words(
                (t for t in pc.unique(texts.slice(0, 1000)).to_pylist() if t),
                ("NOK", "SEK", "DKK", "EUR", "USD", "GBP", "ISK"),
            )
        )
        return words.pop() if len(words) == 1 else None

    def _label(self, role: str) -> str:
        place = self.profile.place(role)
        return self.profile.label(place) if place is not None else role

    def money(self, role: str, *, exact: bool = True) -> pa.Array | None:
        """Minor units of the column with that role, for the lines; null where empty. Refuses what is no exact amount;
        without `exact` it is null.
        """
        place = self.profile.place(role)
        if place is None:
            return None
        texts = self._without_dust(self.take(self.texts(place)), place)
        minor = self._minor(texts, self.currencies, self._numbers(place))
        if exact and minor.null_count != texts.null_count:
            at = int(pc.index(pc.and_(pc.is_null(minor), pc.is_valid(texts)), True).as_py())
            raise self._no_amount(texts[at].as_py(), self.currencies[at].as_py(), int(self.rows[at]), place)
        return minor

    def _numbers(self, place: int) -> pa.Array | None:
        mask = self.grid.is_number(place, self.start)
        return self.take(mask) if mask is not None else None

    def _minor(self, texts: pa.Array, currencies: pa.Array, numbers: pa.Array | None) -> pa.Array:
        minor = self._by_currency(texts, currencies, self.profile.decimal)
        if numbers is None or self.profile.decimal == ".":
            return minor
        return pc.if_else(numbers, self._by_currency(texts, currencies, "."), minor)

    def _by_currency(self, texts: pa.Array, currencies: pa.Array, mark: written.DecimalMark) -> pa.Array:
        codes = pc.unique(currencies).to_pylist()
        places = {exponent(code) for code in codes}
        if len(places) <= 1:
            return written.amounts(texts, mark, places.pop() if places else 2)
        result = pa.nulls(len(texts), pa.int64())
        for code in codes:
            result = pc.if_else(pc.equal(currencies, code), written.amounts(texts, mark, exponent(code)), result)
        return result

    def _without_dust(self, texts: pa.Array, place: int) -> pa.Array:
        """Numbers of a sheet as its 15 digits show them, rounded to the currency; every changed value is said."""
        numbers = self._numbers(place)
        if numbers is None:
            return texts
        values = texts.to_pylist()
        for at in np.flatnonzero(np.asarray(numbers.to_numpy(zero_copy_only=False))):
            values[at] = self._shown(values[at], int(at), place)
        return pa.array(values, pa.string())

    def _shown(self, text: str | None, at: int, place: int) -> str | None:
        if text is None or (len(text.partition(".")[2]) <= 2 and len(text) <= _DIGITS):
            return text
        held = Decimal(text)
        step = Decimal(1).scaleb(-exponent(self.currencies[at].as_py()))
        try:
            shown = Decimal(f"{held:.{_DIGITS}g}").quantize(step, ROUND_HALF_EVEN)
        except ArithmeticError:
            return text
        if shown == held:
            return f"{shown:f}"
        sentence = _("{file}, {place}, column {column}: the cell holds {written}; it is read as {shown}.")
        where = self.grid.place(int(self.rows[at]) + self.start)
        facts = {
            "file": self.grid.name,
            "place": where,
            "column": self.profile.label(place),
            "written": text,
            "shown": f"{shown:f}",
        }
        self.remarks.add("excel-digits", "info", where, sentence.format(**facts))
        return f"{shown:f}"

    def _no_amount(self, text: str, currency: str, row: int, place: int) -> Unreadable:
        reason = _("“{value}” is no amount in {currency} with the decimal mark “{mark}”")
        said = reason.format(value=quoted(text), currency=currency, mark=self.profile.decimal)
        return self.grid.refuse(row + self.start, self.profile.label(place), said)

    @cached_property
    def marks(self) -> Int64s | None:
        """+1 or -1 of every line by its mark. Refuses a mark that the profile does not know."""
        texts = self.role("mark")
        if texts is None:
            return None
        minus = {mark.lower() for mark in self.profile.minus} or MINUS_MARKS
        found = self.take(texts)
        encoded = pc.dictionary_encode(pc.utf8_lower(pc.fill_null(found, "")))
        if "" in encoded.dictionary.to_pylist():
            at = int(pc.index(pc.is_null(found), True).as_py())
            raise self.grid.refuse(int(self.rows[at]) + self.start, self._label("mark"), _("the cell is empty"))
        signs = np.array([-1 if mark in minus else 1 for mark in encoded.dictionary.to_pylist()], dtype=np.int64)
        of_line: Int64s = signs[encoded.indices.to_numpy(zero_copy_only=False)]
        return of_line

    @cached_property
    def amounts(self) -> Int64s:
        """Signed minor units of every line by the profile's sign rule, fees taken off."""
        fee = self.money("fee")
        signed = self._signed()
        return signed - np.abs(written.as_int64(fee)) if fee is not None else signed

    def _signed(self) -> Int64s:
        amount, into, out = (self._column(role) for role in ("amount", "money_in", "money_out"))
        zeros = np.zeros(len(self.rows), dtype=np.int64)
        into, out = (zeros if into is None else into), (zeros if out is None else out)
        match self.profile.sign:
            case "turned":
                return -(amount if amount is not None else into + out)
            case "mark" if self.marks is not None:
                return self.marks * np.abs(amount if amount is not None else into + out)
            case "in_out":
                self._require_one_sign(out)
                return into - np.abs(out)
            case "in_minus_out":
                return into - out
            case _:
                return amount if amount is not None else into + out

    def _column(self, role: str) -> Int64s | None:
        minor = self.money(role)
        return written.as_int64(minor) if minor is not None else None

    def _require_one_sign(self, out: Int64s) -> None:
        if (out > 0).any() and (out < 0).any():
            fewer = np.flatnonzero(out > 0 if (out > 0).sum() <= (out < 0).sum() else out < 0)
            reason = _("money out has both signs in this file: say which of them counts as money out")
            raise self.grid.refuse(int(self.rows[fewer[0]]) + self.start, self._label("money_out"), reason)

    @cached_property
    def accounts(self) -> pa.Array:
        """Own account of every line: a column, the account in every transfer, or the text above; null if none."""
        texts = self.role("account_number")
        if texts is not None:
            return self.take(texts)
        return pa.array([self._own_account or self.around.account] * len(self.rows), pa.string())

    @cached_property
    def _own_account(self) -> str | None:
        """The account that stands in every line, as sender or as receiver."""
        ends = [texts for texts in (self.role("from_account"), self.role("to_account")) if texts is not None]
        if len(ends) != 2 or not len(self.rows):
            return None
        sender, receiver = (self.take(texts) for texts in ends)
        counts = Counter(text for end in (sender, receiver) for text in pc.unique(end).to_pylist() if text)
        for text in map(str, counts):
            everywhere = pc.or_(
                pc.fill_null(pc.equal(sender, text), False), pc.fill_null(pc.equal(receiver, text), False)
            )
            if is_account(text) and pc.all(everywhere).as_py():
                return text
        return None

    def counterparty_accounts(self) -> pa.Array | None:
        """The other end of every line, told or as the transfer's other account."""
        given = self.role("counterparty_account")
        if given is not None:
            return self.take(given)
        ends = [texts for texts in (self.role("from_account"), self.role("to_account")) if texts is not None]
        if len(ends) != 2:
            return self.take(ends[0]) if ends else None
        sender, receiver = (self.take(texts) for texts in ends)
        own = self._own_account
        if own is not None:
            return pc.if_else(pc.fill_null(pc.equal(sender, own), False), receiver, sender)
        return pc.if_else(pa.array(self.amounts > 0), sender, receiver)

    def typed_rows(self) -> Iterator[tuple[str, list[str]]]:
        """(opening, closing or turnover, cells) of the rows that a kind marks as no entry."""
        if self._types is None:
            return
        others = np.flatnonzero(~self.is_line)
        for row in others:
            kind = _TYPES.get(self._types[int(row)].as_py() or "")
            cells = self.grid.row(int(row) + self.start)
            if kind is None and any(cells):
                place = cast(int, self.profile.place("row_type"))
                raise self.grid.refuse(
                    int(row) + self.start, self.profile.label(place), _("this kind of row is not known")
                )
            if kind:
                yield kind, cells

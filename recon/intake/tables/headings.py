"""The row of headings in a table, and what headings and contents say about each column.

The words are those banks and programs of the Nordic and Baltic countries, Germany and Britain print; the first of a
role is the likeliest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache

import pyarrow as pa
import pyarrow.compute as pc

from recon.intake.canonical import known_currency
from recon.intake.tables.grid import Grid
from recon.intake.tables.profile import heading_words
from recon.intake.tables.written import DATE_ORDERS, amount_like, date_orders, day

_ROWS_ABOVE = 60
"""Rows within which a header is looked for."""
_SAMPLE = 5_000
"""Rows that tell what a column holds."""

_WORDS = {
    "booking_date": "bokføringsdag|bokføringsdato|bokföringsdag|bokföringsdatum|bogføringsdato|bokført dato|"
    "dato bokført|bokført|bokförd|bogført|reskontradatum|bookdate|booking date|bookingdate|posting date|"
    "post date|posted|bilagsdato|buchungstag|buchungsdatum|buchung|kirjauspäivä|kirjauspvm|completed date|"
    "date completed|dato|datum|date|data|kuupäev|datums|pvm|päivämäärä|dato for bevegelse|transaksjonsdato|"
    "transaktionsdatum|transaktionsdag|"
    "transaction date|transactiondate|utført dato|verifikationsdatum|voucher date|entry date|fecha|boekdatum",
    "value_date": "value date|valuedate|valutadato|valutadatum|valutadag|rentedato|rentedag|räntedatum|rentedag|valør|"
    "valørdato|valör|wertstellung|wertstellungstag|arvopäivä|interest date|valuta",
    "amount": "beløp i nok|beløp|belopp|beløb|amount|amount in account currency|net amount|netto|summa|suma|betrag|"
    "umsatz|määrä|bedrag|montant|importe|transaction amount|transaksjonsbeløp|bevegelse|sum",
    "money_in": "inn på konto|inn|in|insättningar|insättning|insatt|insatt belopp|innbetalinger|innbetaling|innskudd|"
    "indbetaling|indsat|paid in|money in|deposits|deposit|credit|credit amount|kredit|kreditbeløp|haben|panot|"
    "to konto|inngående",
    "money_out": "ut fra konto|ut av konto|ut|out|uttag|uttaget belopp|utbetalinger|utbetaling|uttak|udbetaling|hævet|"
    "paid out|money out|withdrawals|withdrawal|debit|debit amount|debet|debetbeløp|soll|otot|belastet",
    "mark": "d/k|d/c|dr/cr|c/d|k/d|d / k|dk|dc|deebet/kreedit|deebet/kreedit (d/c)|debit/credit|debet/kredit|cdtdbtind|"
    "creditdebit|credit/debit|af bij|af/bij|tegn|fortegn|sign|in/ut|inn/ut",
    "fee": "fee|gebyr|fees|avgift|courtage",
    "balance": "bokført saldo|bokfört saldo|saldo|balance|running balance|account balance|saldo etter bevegelse|"
    "kontostand|saldo efter|likutis|jääk|end balance|disponibel saldo",
    "currency": "valuta|currency|ccy|valuutta|valuuta|valiuta|valūta|währung|devise|currency code|valutakode|valutakod|"
    "kontovaluta|account currency|myntslag|munt",
    "original_amount": "currency amount|valutabeløp|valutabelopp|original amount|originalbeløp|beløp i valuta|"
    "amount in foreign currency|foreign amount|utländskt belopp|instructed amount",
    "original_currency": "original currency|originalvaluta|foreign currency|utenlandsk valuta|instructed currency",
    "counterparty": "navn|namn|name|nimi|motpart|mottaker/avsender|mottager|mottaker|mottakernavn|betaler|avsender|"
    "partner name|counterparty|payee|merchant|butikk|brukersted|saaja/maksja|saaja/maksja nimi|saaja|gavėjas|"
    "beguenstigter/zahlungspflichtiger|auftraggeber/empfänger|empfänger|kunde|leverandør",
    "counterparty_account": "bank account|motkonto|motpartskonto|mottakerkonto|kontonummer mottaker|saaja konto|"
    "saaja/maksja konto|counterparty account|counterparty iban|partner iban|konto mottaker|tilinumero",
    "from_account": "fra konto|från konto|from account|avsändare|fra",
    "to_account": "til konto|till konto|to account|mottagare|til",
    "account_number": "kontonummer|kontonr|konto nr|konto|account number|account|accountnumber|sąskaitos nr|"
    "kliendi konto|account no|iban|auftragskonto|own account|egen konto|tili",
    "kid": "kid|kid-nummer|kidnummer|kid nummer|betalings-id",
    "archive_reference": "arkivreferanse|arkivref|verifikationsnummer|transaksjonsid|transaksjons id|transaction id|"
    "transactionid|transaktions-id|įrašo nr|arhiveerimistunnus|bank reference|bankreferanse|referensnummer|kirjausnro|"
    "arkistointitunnus|record id|unique id|operation number|numref",
    "reference": "referanse|referens|reference|ref|viite|viitenumero|viitenumber|egen referanse|ocr|kundereferanse|"
    "payment reference|įmokos kodas",
    "invoice_number": "fakturanummer|fakturanr|fakturanr|invoice number|invoice no|invoice|faktura|laskunumero",
    "voucher_number": "bilagsnummer|bilagsnr|bilag|voucher number|voucher no|voucher|verifikationsnr|vernr|ver nr|"
    "verifikation|bilag nr|dokumentnr|document no|dok nr",
    "voucher_type": "bilagsart|bilagstype|voucher type|verifikationsserie|serie|bilagsserie|journal",
    "customer_number": "kundenummer|kundenr|customer number|customer no|customer id|kundnummer|kundnr",
    "supplier_number": "leverandørnummer|leverandørnr|supplier number|supplier no|supplier id|leverantörsnummer|levnr",
    "department": "avdeling|avd|department|kostnadsställe|kostnadssted|cost centre|cost center|afdeling",
    "project": "prosjekt|projekt|project",
    "due_date": "forfallsdato|forfall|due date|förfallodatum|forfaldsdato|eräpäivä",
    "transaction_code": "type|typ|transaksjonstype|transaktionstyp|transaction type|kode|kod|code|kodas|buchungstext|"
    "selitys koodi|tapahtumalaji|mutatiesoort|type code|laji",
    "status": "status|state|tilstand|tila",
    "text": "forklaring|beskrivelse|beskrivning|text / mottagare|text/mottagare|tekst|text|description|memo|rubrik|"
    "details|detail|label|melding|meddelande|meddelelse|message|verwendungszweck|paaiškinimai|selgitus|spesifikasjon|"
    "specifikation|beløpet gjelder|transaksjonstekst|viesti|selite|narrative|remittance information|notat|memodet|"
    "kommentar|comment|mededelingen|bemærkning|purpose|payment details",
}
WORDS: dict[str, tuple[str, ...]] = {
    role: tuple(heading_words(w) for w in given.split("|")) for role, given in _WORDS.items()
}
_ROLE_OF: dict[str, str] = {word: role for role, words in reversed(WORDS.items()) for word in words}
_DATE_ROLES = frozenset({"booking_date", "value_date", "due_date"})
_MONEY_ROLES = frozenset({"amount", "money_in", "money_out", "balance", "fee", "original_amount"})
_OPTIONAL_CONTENT = frozenset({"money_in", "money_out", "value_date", "due_date", "fee", "balance", "original_amount"})
"""Roles that a column may have though it is empty in this file."""

PLUS_MARKS = frozenset({"k", "c", "cr", "crdt", "credit", "kredit", "+", "in", "inn", "bij", "haben", "h", "kreedit"})
MINUS_MARKS = frozenset({"d", "dr", "dbit", "debit", "debet", "-", "ut", "out", "af", "soll", "s", "deebet"})


def header_row(grid: Grid) -> int | None:
    """The row (0-based) that names the columns; None where the table has none.

    The row with the most known headings, a date and an amount among them; else the first row of words above a row
    that holds a day and an amount.
    """
    head = grid.head(_ROWS_ABOVE)
    scores = [(_known(row), -number) for number, row in enumerate(head)]
    best = max(scores, default=(0, 0))
    if best[0]:
        return -best[1]
    return next((n for n, row in enumerate(head[:-1]) if _wordy(row) and _is_data(head[n + 1])), None)


def _known(row: Sequence[str]) -> int:
    roles = [_role_named(cell) for cell in row]
    sound = "booking_date" in roles and not {"amount", "money_in", "money_out"}.isdisjoint(roles)
    return sum(role is not None for role in roles) if sound else 0


def _wordy(row: Sequence[str]) -> bool:
    filled = [cell for cell in row if cell]
    return len(filled) > 1 and not any(re.search(r"\d", cell) for cell in filled)


def _is_data(row: Sequence[str]) -> bool:
    return any(map(_is_day, row)) and any(_is_amount(cell) for cell in row if not _is_day(cell))


def _is_day(cell: str) -> bool:
    return bool(cell) and any(day(cell, order) for order in DATE_ORDERS)


def _is_amount(cell: str) -> bool:
    return bool(amount_like(pa.array([cell]))[0].as_py())


@cache
def _role_named(cell: str) -> str | None:
    words = heading_words(cell)
    return _ROLE_OF.get(words) or _ROLE_OF.get(_without_unit(words)) if words else None


def _without_unit(words: str) -> str:
    """`beløp (nok)`, `belopp sek` and `amount in eur` without the currency."""
    return re.sub(r"\s*(\(.*\)|\[.*\]|\b(in|i)?\s*(nok|sek|dkk|eur|usd|gbp|kr))$", "", words).strip()


def starts_with_data(grid: Grid) -> bool:
    """A table without headings: its first row holds a day and an amount."""
    head = grid.head(1)
    return bool(head) and _is_data(head[0])


def roles(grid: Grid, header: Sequence[str], start: int) -> tuple[str, ...]:
    """One role a column, by heading and content; a column no role fits is kept under its own name."""
    contents = [grid.column(place, start).slice(0, _SAMPLE) for place in range(grid.width)]
    given: dict[int, str] = {}
    for role, words in WORDS.items():
        for place in _called(header, words, given):
            if _fits(role, contents[place]):
                given[place] = role
                if role != "text":
                    break
    if not header:
        given = _by_content(contents)
    elif "amount" in given.values() and "mark" not in given.values():
        given |= dict.fromkeys(_marking(contents, given)[:1], "mark")
    return tuple(given.get(place) or _kept(header, contents, place) for place in range(grid.width))


def _marking(contents: list[pa.Array], given: dict[int, str]) -> list[int]:
    """Columns without a role that hold marks of money in and of money out, and nothing else."""
    found = []
    for place, content in enumerate(contents):
        marks = pc.unique(content.drop_null()).to_pylist() if place not in given else []
        texts = {text.strip().lower() for text in marks}
        if texts <= PLUS_MARKS | MINUS_MARKS and texts & PLUS_MARKS and texts & MINUS_MARKS:
            found.append(place)
    return found


def _called(header: Sequence[str], words: Sequence[str], given: dict[int, str]) -> list[int]:
    """Columns headed by one of the words, the likeliest word first, those with a role excepted."""
    written = [heading_words(cell) for cell in header]
    bare = [_without_unit(cell) for cell in written]
    places = [n for word in words for cells in (written, bare) for n, cell in enumerate(cells) if cell == word]
    return [place for place in dict.fromkeys(places) if place not in given]


def _kept(header: Sequence[str], contents: list[pa.Array], place: int) -> str:
    filled = contents[place].null_count < len(contents[place])
    named = place < len(header) and header[place]
    return "extra" if named or filled else ""


def _fits(role: str, content: pa.Array) -> bool:
    """Does most of the column hold what the role says? One bad cell is for the reader to name."""
    filled = content.drop_null()
    if role in _MONEY_ROLES and len(filled):
        return int(pc.sum(amount_like(filled)).as_py() or 0) * 2 >= len(filled)
    if not len(filled):
        return role in _OPTIONAL_CONTENT or not len(content)
    tests: dict[str, Callable[[str], bool]] = {
        **dict.fromkeys(_DATE_ROLES, _is_day),
        "currency": known_currency,
        "original_currency": known_currency,
        "mark": _is_mark,
        "account_number": is_account,
        "from_account": is_account,
        "to_account": is_account,
        "counterparty_account": is_account,
    }
    test = tests.get(role)
    return test is None or _most(filled, test)


def _most(filled: pa.Array, test: Callable[[str], bool]) -> bool:
    counts = pc.value_counts(filled)
    good = sum(
        n
        for text, n in zip(*(counts.field(k).to_pylist() for k in ("values", "counts")), strict=True)
        if test(text.strip())
    )
    return bool(good * 2 >= len(filled))


def _is_mark(text: str) -> bool:
    return text.lower() in PLUS_MARKS | MINUS_MARKS


def is_account(text: str) -> bool:
    """An IBAN or a national account number, masked (`X`, `*`) or not, as printed."""
    compact = re.sub(r"[\s.\-]", "", text)
    return bool(re.fullmatch(r"[A-Z]{2}[0-9X*]{2}[A-Z0-9*]{8,30}|[0-9X*]{5,20}|[0-9]{1,8}/[0-9]{2,6}", compact))


def _by_content(contents: list[pa.Array]) -> dict[int, str]:
    """Roles of a table without headings: the first column of each kind; several amounts are left to be asked."""
    kinds: dict[str, Callable[[pa.Array], bool]] = {
        "booking_date": lambda c: bool(date_orders(c)),
        "currency": lambda c: all(known_currency(text.strip()) for text in pc.unique(c).to_pylist()),
        "mark": lambda c: all(_is_mark(text.strip()) for text in pc.unique(c).to_pylist()),
        "amount": lambda c: bool(pc.all(amount_like(c)).as_py()) and _with_decimals(c),
        "account_number": lambda c: bool(
            pc.all(pc.match_substring_regex(c, "^[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}$")).as_py()
        ),
    }
    given: dict[int, str] = {}
    for role, test in kinds.items():
        fitting = [n for n, c in enumerate(contents) if n not in given and len(f := c.drop_null()) and test(f)]
        if fitting and (role != "amount" or len(fitting) == 1):
            given[fitting[0]] = role
    for place, content in enumerate(contents):
        if place not in given and content.null_count < len(content) and _wordy_column(content):
            given[place] = "text"
    return given


def _with_decimals(content: pa.Array) -> bool:
    return bool(pc.any(pc.match_substring_regex(content, r"[.,][0-9]{1,2}$")).as_py())


def _wordy_column(content: pa.Array) -> bool:
    return bool(pc.any(pc.match_substring_regex(content.drop_null(), r"\pL{3}.*\pL")).as_py())

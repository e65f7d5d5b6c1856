"""What people write on vouchers and payments: made-up counterparties, references in the Nordic styles, phrases, slips.

Nothing here is taken from real people, companies or files. Names are drawn from word lists and combined by chance.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Texts = NDArray[np.object_]
Ints = NDArray[np.int64]


def _words(text: str) -> list[str]:
    return text.split()


_PLACES = _words("""Nordlys Fjord Bjørk Åsen Sjø Strand Elve Granli Lindø Ravn Ørn Skogstad Havn Vestre Østre Sunnfjell
Mølle Kirke Brygge Holm Torp Tjärn Älvsby Kråkä Hammar Näset Bäcken Vinter Sommer Solberg Myr Dal
Haug Berg Vik Nes Lund Storm Isbre Tind Furu Rogn Selje Hassel Kvist Stein Kobber Sølv Malm Tegl""")
_ENDINGS = _words("gård ås vik heim by borg sund lia moen rud stad vang bakken lien torget verk")
_BRANCHES = _words("""Handel Bygg Elektro Transport Regnskap Renhold Maskin Data Fisk Mat Bakeri Rør Maling
Eiendom Invest Konsult Energi Logistik Tryck Teknik Städ Åkeri Snickeri Livs Kafé Auto Trevare Optikk Sport Bok
Frisør Hotell""")
_FORMS = ["AS", "AB", "ApS", "A/S", "Oy", "ASA", "HB", "ENK", "AB", "AS", "AS", ""]
_GIVEN = _words("""Ask Embla Tiril Sverre Runa Odd Solveig Tord Ylva Frode Signe Halvar Ragna Aksel Tuva Sindre Maja
Björn Göran Åsa Jens Mette Søren Aino Eero""")
_FAMILY = _words("""Fjellheim Sandvold Myrstad Tangen Brekkås Lövdahl Åkergren Sjöqvist Kjærbye Nørholt Virtasalo Kivelä
Haugstad Granås Elvestrøm Tveitli Österman Bækkelund Solhaug Ekrem""")
_FOLD = str.maketrans(
    {"æ": "ae", "ø": "o", "å": "a", "ä": "a", "ö": "o", "é": "e", "Æ": "AE", "Ø": "O", "Å": "A", "Ä": "A", "Ö": "O"}
)
_FORM_SWAP = {
    "AS": "A/S",
    "A/S": "AS",
    "AB": "Aktiebolag",
    "ApS": "APS",
    "Oy": "OY",
    "HB": "Handelsbolag",
    "ASA": "ASA",
}

LEDGER_TEXTS = [
    "",
    "",
    "Kundebetaling",
    "Faktura",
    "Innbetaling",
    "Leverandørbetaling",
    "Utgående faktura",
    "Bilag",
    "Customer payment",
]
BANK_TEXTS = [
    "",
    "Giro",
    "Overføring",
    "Bankgiro",
    "Betaling",
    "Insättning",
    "Overførsel",
    "Nettgiro",
    "Transfer",
    "Avtalegiro",
]
FEE_TEXTS = [
    "Bankgebyr",
    "Gebyr betalingsformidling",
    "Debetrenter",
    "Kreditrenter",
    "Bankavgift",
    "Omkostning",
    "Kortavgift",
    "Service charge",
]
ACCRUAL_TEXTS = [
    "Avsetning",
    "Periodisering",
    "Uhevet sjekk",
    "Ej inlöst check",
    "Outstanding cheque",
    "Korreksjon",
    "Tidsavgränsning",
]

# {r} reference, {a} amount as people write it, {d} a date, {p} phone, {k} account number, {c} customer number, {n} name
REFERENCE_PHRASES = [
    "KID {r}",
    "KID: {r}",
    "KID {r} {n}",
    "OCR: {r}",
    "OCR {r}",
    "Faktura {r}",
    "Faktura nr. {r}",
    "Inv no {r} {n}",
    "betaling av faktura nr {r}",
    "ref. {r}",
    "Ref {r} dato {d}",
    "avser faktura {r}",
    "Betalning faktura {r} kundnr {c}",
    "fakturanr. {r}",
    "Vedr. fakturanr. {r} af {d}",
    "viite {r}",
    "Viitenumero {r}",
    "invoice {r} dated {d}",
    "Inv. {r}, thank you",
    "{n} faktura {r} beløp {a}",
    "Fakturanr {r}, tlf {p}",
    "fra konto {k} fak {r}",
    "Kundenr {c} fakturanr {r}",
    "{r}",
    "{n} {r}",
    "Payment for {r} amount {a}",
    "INNBETALING {r}",
    "Betaling {d} faktura {r} kr {a}",
    "fakt.nr {r}",
    "Lasku {r}",
    "/{r}/ {n}",
    "Meddelande: {r}",
    "Vår ref {c}, deres ref {r}",
]
PLAIN_PHRASES = [
    "{n}",
    "Betaling fra {n}",
    "{n} {d}",
    "Overføring {d}",
    "Vippset {d}",
    "Swish {p}",
    "Innbetaling kr {a}",
    "tlf {p}",
    "Kundenr {c}",
    "{n} konto {k}",
    "",
]
RECURRING_PHRASES = [
    "Husleie",
    "Hyra",
    "Leie kontor",
    "Abonnement",
    "Prenumeration",
    "Månedsavgift",
    "Serviceavtale",
    "Leasing",
    "Kontingent",
]
REVERSAL_PHRASES = [
    "reversal of {r}",
    "Reversering {r}",
    "Tilbakeføring {r}",
    "Makulering av {r}",
    "Storno {r}",
    "Korr. {r}",
    "Retur {r}",
    "Återbetalning {r}",
]


@dataclass(frozen=True)
class Parties:
    """`names[party, spelling]`: column 0 is the ledger's own spelling, the others are how a bank writes it."""

    names: Texts
    accounts: Texts
    numbers: Texts

    @property
    def count(self) -> int:
        return len(self.accounts)


def make_parties(rng: np.random.Generator, count: int) -> Parties:
    draw = random.Random(int(rng.integers(2**62)))
    names = np.empty((count, 6), dtype=object)
    for i in range(count):
        names[i, :] = _spellings(draw)
    accounts = np.array([_account(draw) for _ in range(count)], dtype=object)
    numbers = np.array([str(10000 + int(k)) for k in rng.permutation(count)], dtype=object)
    return Parties(names, accounts, numbers)


def _spellings(draw: random.Random) -> list[str]:
    if draw.random() < 0.25:
        given, family = draw.choice(_GIVEN), draw.choice(_FAMILY)
        second = draw.choice(_GIVEN)
        full = f"{given} {second} {family}" if draw.random() < 0.5 else f"{given} {family}"
        return [
            full,
            full,
            full.upper(),
            f"{family} {given}".upper(),
            f"{family}, {given}",
            full.translate(_FOLD).upper(),
        ]
    stem = draw.choice(_PLACES) + draw.choice([*_ENDINGS, "", " "]).rstrip()
    joint = draw.choice([" ", " ", " ", " & ", " og "])
    trade = draw.choice(_BRANCHES) if joint == " " else draw.choice(_PLACES) + " " + draw.choice(_BRANCHES)
    form = draw.choice(_FORMS)
    full = f"{stem}{joint}{trade} {form}".strip()
    loose = f"{stem}{joint.replace('&', 'O')}{trade} {_FORM_SWAP.get(form, form)}".strip()
    return [
        full,
        full,
        full.upper(),
        loose,
        loose.translate(_FOLD).upper(),
        full.upper()[: draw.choice([16, 18, 24])].strip(),
    ]


def _account(draw: random.Random) -> str:
    digits = f"{draw.randrange(10**10, 10**11)}"
    return draw.choice(
        [digits, f"{digits[:4]}.{digits[4:6]}.{digits[6:]}", f"NO93{digits}", f"{digits[:4]}-{digits[4:8]}"]
    )


def luhn(digits: str) -> str:
    """Modulus-10 check digit of a KID or OCR number (ISO/IEC 7812-1, Annex B)."""
    total = sum(sum(divmod(int(d) * (2 - i % 2), 10)) for i, d in enumerate(reversed(digits)))
    return str(-total % 10)


def creditor_reference(body: str) -> str:
    """ISO 11649 reference: RF, two check digits (mod 97-10), the body."""
    return f"RF{98 - int(body + '271500') % 97:02d}{body}"


def viite(body: str) -> str:
    """Finnish reference number: weights 7, 3, 1 from the right (Finance Finland, reference number form)."""
    total = sum(int(d) * (7, 3, 1)[i % 3] for i, d in enumerate(reversed(body)))
    return body + str(-total % 10)


STYLES = ("kid", "invoice", "prefixed", "yearly", "rf", "viite", "supplier")


def make_references(rng: np.random.Generator, first: int, count: int, weights: dict[str, float]) -> Texts:
    """`count` references numbered from `first` on. All are unique but those of style `supplier`, numbered by others."""
    p = np.array([weights.get(s, 0.0) for s in STYLES])
    styles = rng.choice(len(STYLES), size=count, p=p / p.sum())
    customer = rng.integers(10**4, 10**5, size=count)
    other = rng.integers(100, 99999, size=count)
    out = [
        _reference(STYLES[s], first + i, int(c), int(o))
        for i, (s, c, o) in enumerate(zip(styles.tolist(), customer.tolist(), other.tolist(), strict=True))
    ]
    return np.array(out, dtype=object)


def _reference(style: str, serial: int, customer: int, other: int) -> str:
    match style:
        case "kid":
            body = f"{customer}{serial:07d}"
            return body + luhn(body)
        case "invoice":
            return str(100_000 + serial)
        case "prefixed":
            return f"INV-2025-{serial:06d}"
        case "yearly":
            return f"2025{serial:06d}"
        case "rf":
            return creditor_reference(f"{customer}{serial:07d}")
        case "viite":
            return viite(f"{customer}{serial:06d}")
        case _:
            return str(other)


def mistype(draw: random.Random, ref: str) -> str:
    """The reference as a hurried person keys it: one edit, a swap, lost leading zeros, odd spacing or case."""
    i = draw.randrange(1, len(ref) - 1) if len(ref) > 3 else 0
    slip = draw.random()
    if slip < 0.30:
        return ref[:i] + draw.choice("0123456789") + ref[i + 1 :]
    if slip < 0.45:
        return ref[:i] + ref[i + 1] + ref[i] + ref[i + 2 :] if len(ref) > 3 else ref
    if slip < 0.57:
        return ref[:i] + ref[i + 1 :]
    if slip < 0.67:
        return ref[:i] + draw.choice("0123456789") + ref[i:]
    if slip < 0.77:
        return "000" + ref
    if slip < 0.92:
        return ref[:i] + draw.choice([" ", "-", ".", "/"]) + ref[i:]
    return ref.lower() if ref.lower() != ref else f" {ref} ."


def fill(draw: random.Random, phrase: str, ref: str, name: str, number: str, account: str, minor: int) -> str:
    """One phrase with its reference and whatever other numbers people add around it."""
    return phrase.format(
        r=ref, n=name, c=number, k=account,
        a=f"{abs(minor) // 100},{abs(minor) % 100:02d}",
        d=f"{draw.randrange(1, 29):02d}.{draw.randrange(1, 13):02d}.2025",
        p=f"{draw.randrange(20, 99)} {draw.randrange(10, 99)} {draw.randrange(10, 99)} {draw.randrange(10, 99)}",
    )  # fmt: skip


def choose(rng: np.random.Generator, options: list[Any], count: int, p: list[float] | None = None) -> Texts:
    """`count` draws from `options`, as an object array."""
    pool = np.array(options, dtype=object)
    return pool[rng.choice(len(options), size=count, p=p)]

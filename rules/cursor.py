"""Walking a document: a value, the path to it, and the faults found on the way, collected so that all are told at
once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from difflib import get_close_matches

from rules.errors import RuleError
from rules.wording import _, listed

MOST_DIGITS = 28


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place in a document. Its readers give a stand-in after a fault: the tree is thrown away once there is one."""

    value: object
    path: str = ""
    errors: list[RuleError] = field(default_factory=list)

    def fault(self, sentence: str, key: str = "") -> None:
        """Note what is wrong here, or at a key that stands (or should stand) here."""
        self.errors.append(RuleError(self._below(key) if key else self.path, sentence))

    def _below(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    def mapping(self, allowed: Collection[str], required: Collection[str] = ()) -> dict[str, Cursor]:
        """The entries of a mapping, as cursors; a key that has no place here is a fault, and one that is missing."""
        if not isinstance(self.value, Mapping):
            self.fault(_("Expected keys and values here, not {value}.").format(value=shown(self.value)))
            return {}
        for key in self.value:
            if key not in allowed:
                self.fault(_unknown_key(str(key), allowed), str(key))
        for key in required:
            if key not in self.value:
                self.fault(_("“{key}” is missing.").format(key=key), key)
        return {key: self.at(key) for key in self.value if key in allowed}

    def all_entries(self) -> dict[str, Cursor]:
        """The entries of a mapping whose keys are names that people choose."""
        return self.mapping(list(self.value) if isinstance(self.value, Mapping) else ())

    def has(self, key: str) -> bool:
        return isinstance(self.value, Mapping) and key in self.value

    def at(self, key: str) -> Cursor:
        """The entry at a key that stands here."""
        assert isinstance(self.value, Mapping)
        return Cursor(self.value[key], self._below(key), self.errors)

    def items(self) -> Iterator[Cursor]:
        """The members of a list."""
        if not isinstance(self.value, list | tuple):
            self.fault(_("Expected a list here, not {value}.").format(value=shown(self.value)))
            return
        for place, value in enumerate(self.value):
            yield Cursor(value, f"{self.path}[{place}]", self.errors)

    def text(self) -> str:
        """Text that is not empty. A number is refused: written without quotes, its leading zeros would be lost."""
        if isinstance(self.value, int | float | Decimal) and not isinstance(self.value, bool):
            self.fault(_("{value} is a number where text belongs: write it in quotes.").format(value=self.value))
        elif not isinstance(self.value, str):
            self.fault(_("Expected text here, not {value}.").format(value=shown(self.value)))
        elif not self.value:
            self.fault(_("The text is empty."))
        return str(self.value)

    def choice(self, options: Collection[str]) -> str:
        """One of a few words."""
        if not isinstance(self.value, str) or self.value not in options:
            meant = get_close_matches(str(self.value), list(options), 1)
            hint = _("did you mean “{word}”?").format(word=meant[0]) if meant else _choose(options)
            self.fault(_("{value} is not possible here: {hint}").format(value=shown(self.value), hint=hint))
            return next(iter(options))
        return self.value

    def flag(self) -> bool:
        if not isinstance(self.value, bool):
            self.fault(_("Expected true or false here, not {value}.").format(value=shown(self.value)))
        return self.value is True

    def whole(self, least: int | None = None, most: int | None = None) -> int:
        """A whole number, both limits inside."""
        if not isinstance(self.value, int) or isinstance(self.value, bool):
            self.fault(_("Expected a whole number here, not {value}.").format(value=shown(self.value)))
            return least or 0
        if (least is not None and self.value < least) or (most is not None and self.value > most):
            self.fault(_outside(str(self.value), least, most))
        return self.value

    def decimal(self, least: Decimal | None = None, most: Decimal | None = None) -> Decimal:
        """An exact number: quoted, whole, or a `Decimal` that the file's reader made; never a float."""
        number = self._exact()
        if number is None:
            sentence = _("Expected a number such as “1250.50” here, not {value}.")
            self.fault(sentence.format(value=shown(self.value)))
            return Decimal(0)
        if (least is not None and number < least) or (most is not None and number > most):
            self.fault(_outside(str(number), least, most))
        return number

    def _exact(self) -> Decimal | None:
        match self.value:
            case bool() | float():
                return None
            case int() | Decimal():
                number = Decimal(self.value)
            case str() as text if _is_plain(text):
                number = Decimal(text)
            case _:
                return None
        usual = (
            number.is_finite()
            and abs(number.adjusted()) <= MOST_DIGITS
            and len(number.as_tuple().digits) <= MOST_DIGITS
        )
        return number if usual else None

    def share(self) -> float:
        """A similarity between 0 and 1. No amount ever passes here."""
        number = Decimal(str(self.value)) if isinstance(self.value, float) else self._exact()
        if number is None or not 0 <= number <= 1:
            self.fault(_("Expected a number between 0 and 1 here, not {value}.").format(value=shown(self.value)))
            return 0.0
        return float(number)


def _is_plain(text: str) -> bool:
    digits = text[1:] if text[:1] in ("-", "+") else text
    return digits.replace(".", "", 1).isdecimal() and digits.isascii() and digits[0] != "." and digits[-1] != "."


def shown(value: object) -> str:
    """A value as a sentence shows it."""
    match value:
        case None:
            return _("nothing")
        case Mapping():
            return _("keys and values")
        case list() | tuple():
            return _("a list")
        case bool():
            return "true" if value else "false"
    text = str(value)
    return f"“{text if len(text) <= 60 else text[:59] + '…'}”"


def _choose(options: Collection[str]) -> str:
    return _("choose {options}.").format(options=listed(list(options), _("or")))


def _outside(value: str, least: object, most: object) -> str:
    if most is None:
        return _("{value} is less than {least}.").format(value=value, least=least)
    if least is None:
        return _("{value} is more than {most}.").format(value=value, most=most)
    return _("{value} is not between {least} and {most}.").format(value=value, least=least, most=most)


def _unknown_key(key: str, allowed: Collection[str]) -> str:
    meant = get_close_matches(key, list(allowed), 1)
    if meant:
        return _("There is no key “{key}” here; did you mean “{word}”?").format(key=key, word=meant[0])
    return _("There is no key “{key}” here; possible are {options}.").format(
        key=key, options=listed(sorted(allowed), _("and"))
    )

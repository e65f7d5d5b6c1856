"""Damaged files: every reader either reads them or refuses them in one sentence, quickly, and never falls over.

RECON_DAMAGED and RECON_LONG_LINE say how many files of a kind are damaged, and how many megabytes a line without end
has; `script/acceptance lines-in` has ten thousand files and a hundred megabytes.
"""

import os
from collections.abc import Callable

import pytest

from tests.intake.damage import SOUND, reader_of
from tests.intake.guarded import guarded, outcome

FILES = int(os.environ.get("RECON_DAMAGED", "500"))
MEGABYTES = int(os.environ.get("RECON_LONG_LINE", "3"))
SEED = int(os.environ.get("RECON_SEED", "20240131"))


@pytest.mark.parametrize("kind", SOUND)
def test_a_damaged_file_is_read_or_refused(kind: str, record_property: Callable[[str, object], None]) -> None:
    figures = guarded(kind, FILES, SEED, MEGABYTES)
    record_property("figure", f"{kind}: {figures}")
    assert not figures.wrong
    assert figures.read
    assert figures.refused
    assert figures.read + figures.refused >= FILES


@pytest.mark.parametrize("kind", SOUND)
def test_other_letters_are_read_or_refused(kind: str) -> None:
    name, make = SOUND[kind]
    text = make().decode("latin-1")
    for encoding in ("utf-16", "utf-16-be", "utf-8-sig", "cp437", "utf-32"):
        assert "\n" not in outcome(text.encode(encoding, "replace"), reader_of(kind), name)


ENTITIES = (
    b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>"""
)


@pytest.mark.parametrize("kind", ["camt", "saft", "sie5"])
def test_a_document_type_is_refused_whatever_it_defines(kind: str) -> None:
    content = SOUND[kind][1]().split(b"?>\n", 1)[-1]
    assert "DOCTYPE" in outcome(ENTITIES + content, reader_of(kind), "x.xml")
    # hidden behind a comment that is longer than what is looked at first
    hidden = b'<?xml version="1.0"?><!--' + b" " * 100_000 + b"-->" + ENTITIES.split(b"?>", 1)[1] + content
    assert "DOCTYPE" in outcome(hidden, reader_of(kind), "x.xml")

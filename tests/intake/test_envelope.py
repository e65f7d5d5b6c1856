"""Envelopes of the banks' Web Services are opened, packed or not, and what stands inside is read as if alone."""

import base64
import gzip
import hashlib
from pathlib import Path

import pytest

from recon.errors import Unreadable
from recon.intake import envelope
from recon.intake.detect import read_file

CONTENT = (Path(__file__).parents[1] / "fixtures" / "bank.camt053.xml").read_bytes()


def wrapped(content: bytes) -> bytes:
    lines = b"\n".join(base64.b64encode(content)[n : n + 76] for n in range(0, len(content) * 2, 76))
    return (
        b'<?xml version="1.0"?><b:ApplicationResponse xmlns:b="http://bxd.fi/xmldata/"><b:Content>%s</b:Content></b:ApplicationResponse>'
        % lines
    )


@pytest.mark.parametrize("packed", [CONTENT, gzip.compress(CONTENT)])
def test_the_file_inside_is_read(packed: bytes) -> None:
    content = wrapped(packed)
    reading = read_file(content, "x.xml")
    assert reading.statements == read_file(CONTENT, "x.xml").statements
    assert reading.sha256 == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (wrapped(b""), "an envelope of the bank's Web Services without content"),
        (wrapped(CONTENT).replace(b"<b:Content>", b"<b:Content>A"), "no base64"),
        (wrapped(gzip.compress(CONTENT)[:-30]), "has been cut off"),
        (wrapped(b"\x1f\x8b" + b"x" * 30), "cannot be unpacked"),
        (wrapped(wrapped(CONTENT)), "XML with the root <ApplicationResponse>"),
        (wrapped(b"hello"), "of no format that is known here"),
    ],
)
def test_refuses(content: bytes, said: str) -> None:
    with pytest.raises(Unreadable, match=said):
        read_file(content, "x.xml")


def test_a_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(envelope, "LARGEST", 100_000)
    with pytest.raises(Unreadable, match="more than 100000 bytes"):
        read_file(wrapped(gzip.compress(b"\0" * 1_000_000)), "x.xml")

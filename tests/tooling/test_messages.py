"""Every message that code and templates mark is in every catalogue, translated, with the source's placeholders."""

from __future__ import annotations

import ast
import importlib.util
import re
from collections import Counter
from collections.abc import Iterator
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

import pytest
from babel.messages.catalog import Catalog, Message

from recon.languages import LANGUAGES, po_file
from recon.web.admin.event_words import VERBS

ROOT = Path(__file__).parents[2]
OTHERS = [language for language in LANGUAGES if language != "en"]
PLACEHOLDER = re.compile(r"\{\{|\}\}|\{[^{}]*\}|%\(\w+\)[sd]|%[snm]\b")
MARKED = re.compile(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<(script|style)\b.*?</\1>", re.DOTALL)
SAME_EVERYWHERE = {"Recon", "IBAN", "Tab", "Esc", "kB ·", r"KID[ :]*(\d{4,25})"}


def messages() -> ModuleType:
    """script/messages, which has no ending."""
    loader = SourceFileLoader("messages", str(ROOT / "script" / "messages"))
    spec = importlib.util.spec_from_loader("messages", loader)
    assert spec is not None
    made = importlib.util.module_from_spec(spec)
    loader.exec_module(made)
    return made


SCRIPT = messages()
HINT = "run .venv/bin/python script/messages and translate what it names"


@pytest.fixture(scope="module")
def template() -> Catalog:
    found: Catalog = SCRIPT.marked()
    return found


def forms(text: str | tuple[str, ...] | list[str] | None) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text or ())


def identities(catalogue: Catalog) -> set[tuple[str, ...]]:
    return {(each.context or "", *forms(each.id)) for each in catalogue if each.id}


def translated(language: str) -> Iterator[Message]:
    return (each for each in SCRIPT.known(language) if each.id)


@pytest.mark.parametrize("language", OTHERS)
def test_every_message_is_translated(language: str, template: Catalog) -> None:
    catalogue = SCRIPT.known(language)
    wanted, held = identities(template), identities(catalogue)
    assert (wanted - held, held - wanted) == (set(), set()), HINT
    assert SCRIPT.untranslated(catalogue) == [], HINT


def test_a_message_without_translation_is_named() -> None:
    catalogue = Catalog()
    catalogue.add("done", "ferdig")
    catalogue.add("new", "")
    catalogue.add("doubtful", "tvilsom", flags=["fuzzy"])
    catalogue.add(("one line", "many lines"), ("én post", ""))
    assert SCRIPT.untranslated(catalogue) == ["new", "doubtful", "('one line', 'many lines')"]


@pytest.mark.parametrize("language", OTHERS)
def test_placeholders_are_those_of_the_source(language: str) -> None:
    unlike = [
        (source, target)
        for message in translated(language)
        for source, target in zip(forms(message.id), forms(message.string), strict=True)
        if Counter(PLACEHOLDER.findall(source)).keys() != Counter(PLACEHOLDER.findall(target)).keys()
    ]
    assert unlike == []


@pytest.mark.parametrize("language", OTHERS)
def test_sentences_end_and_begin_as_the_source(language: str) -> None:
    """Pieces are put together: a space or a full stop more or less would show."""

    def edges(text: str) -> list[str]:
        return re.findall(r"^\s*|[.?:…]?\s*$", text)

    unlike = [
        (source, target)
        for message in translated(language)
        for source, target in zip(forms(message.id), forms(message.string), strict=True)
        if edges(source) != edges(target)
    ]
    assert unlike == []


@pytest.mark.parametrize("language", OTHERS)
def test_the_files_are_as_the_script_writes_them(language: str, template: Catalog, tmp_path: Path) -> None:
    """Two who add messages then change the same lines only where they mean the same."""
    before = po_file(language).read_bytes()
    try:
        SCRIPT.write(language, SCRIPT.brought_up(language, template))
        assert po_file(language).read_bytes() == before, HINT
    finally:
        po_file(language).write_bytes(before)


@pytest.mark.parametrize("path", sorted((ROOT / "templates").rglob("*.html")), ids=lambda path: path.stem)
def test_templates_have_no_words_of_their_own(path: Path) -> None:
    text = MARKED.sub("\0", path.read_text(encoding="utf-8"))
    shown = re.split(r"<[^>]*>|\0", text)
    named = re.findall(r'(?:title|placeholder|aria-label|alt|data-confirm)="([^"\0]*)"', text)
    words = {piece.strip() for piece in [*shown, *named] if re.search(r"[A-Za-z]{2}", piece)}
    assert words - SAME_EVERYWHERE == set()


def test_every_verb_of_an_event_has_words() -> None:
    assert set(recorded()) - VERBS == set()


def recorded() -> Iterator[str]:
    """The verbs that services hand to `record`, those they hand on to each other, and what stands for one."""
    for path in (ROOT / "recon" / "services").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.Call(func=ast.Name(id="record"), args=[_, _, _, ast.Constant(value=str(verb)), *_]):
                    yield verb
                case ast.Assign(targets=[ast.Name(id="verb")], value=ast.Constant(value=str(verb))):
                    yield verb
                case ast.Assign(targets=[ast.Name(id="verb")], value=ast.IfExp(body=one, orelse=other)):
                    yield from (str(each.value) for each in (one, other) if isinstance(each, ast.Constant))
                case ast.Call(func=ast.Name(id="write_vouchers" | "write_match"), args=args):
                    yield from (str(each.value) for each in args if isinstance(each, ast.Constant) and each.value)

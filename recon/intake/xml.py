"""XML read as a stream and safely: no DTD, no entities, no network, nothing kept that has been dealt with."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import BinaryIO, cast

from lxml import etree

from recon.errors import Unreadable
from rules.wording import _

_PROLOG = re.compile(r"\ufeff?(?:\s+|<\?.*?\?>|<!--.*?-->)*", re.DOTALL)
_ROOT = re.compile(r"<(?:[\w.\-]+:)?([\w.\-]+)")
_LOCAL: dict[object, str] = {}
_NONE: Mapping[str, str] = {}
_CHILDLESS: Mapping[str, list[Node]] = {}
_BOMS = ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"), (b"<\0", "utf-16-le"), (b"\0<", "utf-16-be"))


class Node:
    """An element without its namespace: text, attributes, and children by local name but those in `skipped`.

    A plain tree of dicts and strings: to ask lxml for each of the thirty fields of a detail takes much longer.
    """

    __slots__ = ("attributes", "children", "text")

    def __init__(self, element: etree._Element, skipped: frozenset[str] = frozenset()) -> None:
        text: str | None = element.text
        self.text = text.strip() if text else ""
        given = element.items()
        self.attributes: Mapping[str, str] = cast("dict[str, str]", dict(given)) if given else _NONE
        self.children: Mapping[str, list[Node]] = _CHILDLESS
        if not len(element):
            return
        children: dict[str, list[Node]] = {}
        for child in element:
            tag = child.tag
            name = _LOCAL.get(tag) or local_name(tag)
            if name in skipped or not name:
                continue
            if name in children:
                children[name].append(Node(child, skipped))
            else:
                children[name] = [Node(child, skipped)]
        self.children = children

    def all(self, *path: str) -> list[Node]:
        """Every element at the path, in document order."""
        nodes = [self]
        for name in path:
            nodes = [child for node in nodes for child in node.children.get(name, ())]
        return nodes

    def first(self, *path: str) -> Node | None:
        """The first element at the path; a branch that does not lead there is passed over."""
        node, forked = self, False
        for name in path:
            children = node.children.get(name)
            if children is None:
                return next(iter(self.all(*path)), None) if forked else None
            forked = forked or len(children) > 1
            node = children[0]
        return node

    def at(self, *path: str) -> str:
        """Text of the first element at the path, "" if there is none."""
        node = self.first(*path)
        return node.text if node else ""


NOTHING = Node(etree.Element("nothing"))
"""Stands in for an element that is not there: no text, no children."""


def local(element: etree._Element) -> str:
    """Name without namespace; "" for comments and processing instructions."""
    tag = element.tag
    return _LOCAL.get(tag) or local_name(tag)


def local_name(tag: object) -> str:
    """Of an element's tag; "" for what comments and processing instructions have as one."""
    if not isinstance(tag, str):
        return ""
    name = tag.rpartition("}")[2]
    if len(_LOCAL) < 10_000:  # a file of invented names must not fill the memory
        _LOCAL[tag] = name
    return name


def line_of(element: etree._Element) -> int:
    """The line an element starts on."""
    return cast("int | None", element.sourceline) or 0


def opening(head: bytes) -> str:
    """The first bytes of a file as text, if it is XML at all; else ""."""
    encoding = next((encoding for mark, encoding in _BOMS if head.startswith(mark)), "utf-8")
    text = head.decode(encoding, "replace")
    return text if text[_end_of_prolog(text) :].startswith("<") else ""


def _end_of_prolog(text: str) -> int:
    match = _PROLOG.match(text)
    return match.end() if match else 0


def root_name(head: bytes) -> str:
    """Local name of the root element, "" if the file is no XML."""
    text = opening(head)
    match = _ROOT.match(text, _end_of_prolog(text)) if text else None
    return match[1] if match else ""


def elements(
    stream: BinaryIO, name: str, starts: Sequence[str], ends: Sequence[str]
) -> Iterator[tuple[str, etree._Element]]:
    """("start" or "end", element) of the local names asked for. Raises Unreadable on a DOCTYPE and on broken XML.

    Without `ends` the parser does not stop at the end of every element, which takes it a quarter less: an element is
    whole when one that is not inside it has started, and at the end of the file.

    The caller removes what it has dealt with, but never the element it was just given.
    """
    tags, asked = [f"{{*}}{tag}" for tag in {*starts, *ends}], ("start", "end") if ends else ("start",)
    _refuse_doctype(stream, name)
    try:
        events = etree.iterparse(
            stream, events=asked, tag=tags, resolve_entities=False, no_network=True, load_dtd=False,
            huge_tree=False, remove_comments=True, remove_pis=True,
        )  # fmt: skip
        prolog_seen = False
        for event, element in events:
            if not prolog_seen and element.getroottree().docinfo.doctype:
                raise _doctype(name)
            prolog_seen = True
            if local(element) in (starts if event == "start" else ends):
                yield event, element
    except etree.XMLSyntaxError as error:
        raise _broken(name, error) from None
    except (etree.LxmlError, LookupError, ValueError) as error:
        raise Unreadable(
            _("{file} is not well-formed XML: {reason}.").format(file=name, reason=" ".join(str(error).split()))
        ) from None


def _refuse_doctype(stream: BinaryIO, name: str) -> None:
    """Before the parser sees it: a document type can define entities, and no bank or ledger file has one."""
    text = opening(stream.read(1 << 16))
    stream.seek(0)
    if text.startswith("<!DOCTYPE", _end_of_prolog(text)):
        raise _doctype(name)


def _doctype(name: str) -> Unreadable:
    return Unreadable(_("{file} holds a DOCTYPE, which a bank file never does; it is not read.").format(file=name))


def _broken(name: str, error: etree.XMLSyntaxError) -> Unreadable:
    reason = " ".join(str(error.msg or error).split(", line")[0].split())
    sentence = _("{file}, line {line}: not well-formed XML: {reason}.")
    return Unreadable(sentence.format(file=name, line=error.lineno or 1, reason=reason))

"""What is wanted of an element, gathered in one walk over it; whatever else it holds is passed by.

Most of a bank's detail is addresses and agents, and a file has a hundred thousand of them: a tree of everything
(`recon.intake.xml.Node`), asked for one path after another, takes three times as long.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum, auto
from typing import TypeVar

from lxml import etree

from recon.intake.xml import Node, local_name

T = TypeVar("T")
_MOST_TAGS = 1_000
"""Tags that a branch remembers: a file of invented names must not fill the memory."""


class Record:
    """What a shape found, by path; asking for a path that the shape does not want is a KeyError.

    `text` has the first text that is not empty, "" without one; `every` all such texts, `nodes` the elements and
    `parts` their records, each in the order of the file. None of them is changed once the record is read.
    """

    __slots__ = ("every", "nodes", "parts", "text")

    def __init__(
        self,
        text: dict[str, str],
        every: dict[str, list[str]],
        nodes: dict[str, list[Node]],
        parts: dict[str, list[Record]],
    ) -> None:
        self.text, self.every, self.nodes, self.parts = text, every, nodes, parts

    def node(self, path: str) -> Node | None:
        """The first element at the path."""
        found = self.nodes[path]
        return found[0] if found else None


class _Kept(Enum):
    """What is kept of an element; of INNER ones nothing but what is below them."""

    INNER = auto()
    TEXT = auto()
    EVERY = auto()
    NODE = auto()
    PART = auto()


_INNER, _TEXT, _EVERY, _NODE = _Kept.INNER, _Kept.TEXT, _Kept.EVERY, _Kept.NODE

_Wanted = tuple[_Kept, str, "_Branch | None"]
"""What is kept of an element, its path, and what is wanted below it, if anything."""


class _Branch(dict[object, "_Wanted | None"]):
    """The wanted children of an element by their tags as they stand in the file, None for those that are not wanted.

    A tag is taken apart once: to do so for each element would take longer than all the rest.
    """

    def __init__(self, paths: Mapping[str, _Kept], prefix: str = "") -> None:
        """`paths` below this branch; `prefix` is the path that leads to it."""
        super().__init__()
        below: dict[str, dict[str, _Kept]] = {}
        for path, kept in paths.items():
            name, _slash, rest = path.partition("/")
            below.setdefault(name, {})[rest] = kept
        self._names: dict[str, _Wanted] = {}
        for name, inner in below.items():
            kept, path = inner.pop("", _INNER), prefix + name
            self._names[name] = (kept, path, _Branch(inner, path + "/") if inner else None)

    def __missing__(self, tag: object) -> _Wanted | None:
        found = self._names.get(local_name(tag))
        if len(self) < _MOST_TAGS:
            self[tag] = found
        return found


class Shape:
    """The paths that are wanted below an element, as local names (`Refs/EndToEndId`), by what is kept of each.

    `parts` are elements that may stand there several times, each with a shape of its own.
    """

    def __init__(
        self,
        text: Iterable[str] = (),
        every: Iterable[str] = (),
        nodes: Iterable[str] = (),
        parts: Mapping[str, Shape] | None = None,
    ) -> None:
        self._shapes = dict(parts or {})
        self._text = dict.fromkeys(text, "")
        self._every: dict[str, list[str]] = {path: [] for path in every}
        self._nodes: dict[str, list[Node]] = {path: [] for path in nodes}
        self._parts: dict[str, list[Record]] = {path: [] for path in self._shapes}
        self._branch = _Branch(
            {
                **dict.fromkeys(self._text, _TEXT),
                **dict.fromkeys(self._every, _EVERY),
                **dict.fromkeys(self._nodes, _NODE),
                **dict.fromkeys(self._parts, _Kept.PART),
            }
        )

    def read(self, element: etree._Element) -> Record:
        """The element's record, which does not need the element any more."""
        # Nearly all lists stay empty, so the empty ones are shared; `_append` puts others in their place.
        record = Record(self._text.copy(), self._every.copy(), self._nodes.copy(), self._parts.copy())
        self._gather(element, self._branch, record, record.text)
        return record

    def _gather(self, element: etree._Element, branch: _Branch, record: Record, texts: dict[str, str]) -> None:
        child = element[0] if len(element) else None
        while child is not None:  # from one to the next: an iterator for each of so many elements costs more
            wanted = branch[child.tag]
            if wanted is not None:
                kept, path, below = wanted
                if kept is _TEXT:
                    if not texts[path] and (text := child.text):
                        texts[path] = text.strip()
                elif kept is not _INNER:
                    self._keep(child, kept, path, record)
                if below is not None:
                    self._gather(child, below, record, texts)
            child = child.getnext()

    def _keep(self, child: etree._Element, kept: _Kept, path: str, record: Record) -> None:
        if kept is _NODE:
            _append(record.nodes, path, Node(child))
        elif kept is _EVERY:
            if text := (child.text or "").strip():
                _append(record.every, path, text)
        else:
            _append(record.parts, path, self._shapes[path].read(child))


def _append(lists: dict[str, list[T]], path: str, found: T) -> None:
    if held := lists[path]:
        held.append(found)
    else:
        lists[path] = [found]

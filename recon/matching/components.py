"""What hangs together: numbers joined by pairs, directly or through others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def joined(count: int, pairs: Iterable[Sequence[int]]) -> list[int]:
    """For each number from 0 to `count` − 1 the smallest number it hangs together with."""
    parent = list(range(count))

    def root(number: int) -> int:
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    for one, other in pairs:
        first, second = root(one), root(other)
        parent[max(first, second)] = min(first, second)
    return [root(number) for number in range(count)]

"""How much alike two texts are: the readings of the tests between the sides that go by more than equality.

Each has a reading of two lists of folded values, one pair after the other, and one of a single pair of values as they
stand, which the explanation uses.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import ne

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import fuzz
from rapidfuzz.distance import OSA
from rapidfuzz.process import cpdist

from rules.model import PairTest
from rules.text import SAME_DEFAULT, fold, loose, normal, tokens, words

Mask = NDArray[np.bool_]
_WORTH_SHARING = 4_000
SHORTEST_EDITED = 6
SHORTEST_TOKEN = 4


def similarities(left: list[str], right: list[str]) -> NDArray[np.float64]:
    """Token-set ratio, 0 to 1, of folded texts pair by pair."""
    found = np.ones(len(left))
    unlike = np.flatnonzero(_mask([*map(ne, left, right)]))
    some, others = ([texts[at] for at in unlike.tolist()] for texts in (left, right))
    plain = {text: loose(text) for text in {*some, *others}}
    found[unlike] = ratios([*map(plain.__getitem__, some)], [*map(plain.__getitem__, others)])
    return found


def _mask(truths: list[bool]) -> Mask:
    return np.array(truths, dtype=bool)


def bounded(parts: list[str], wholes: list[str]) -> Mask:
    """Where the part stands in the whole with no letter or digit touching it."""
    return _mask([_stands(part, whole) for part, whole in zip(parts, wholes, strict=True)])


def _stands(part: str, whole: str) -> bool:
    """Does `part` stand in `whole` with no letter or digit at either end?"""
    part = part.strip()
    at = whole.find(part)
    while at >= 0:
        end = at + len(part)
        if not (at and whole[at - 1].isalnum()) and not (end < len(whole) and whole[end].isalnum()):
            return True
        at = whole.find(part, at + 1)
    return False


def bounded_line(part: str, whole: str) -> bool:
    """The same by cutting: some cut of the text at the value leaves no letter or digit beside it."""
    wanted, text = fold(part).strip(), fold(whole)
    places = (at for at in range(len(text)) if text.startswith(wanted, at))
    return any(not text[:at][-1:].isalnum() and not text[at + len(wanted) :][:1].isalnum() for at in places)


def share(left: list[str], right: list[str], test: PairTest) -> Mask:
    length = int(test.at_least or SHORTEST_TOKEN)
    known = {text: tokens(text, length) for text in {*left, *right}}
    return _mask([not known[a].isdisjoint(known[b]) for a, b in zip(left, right, strict=True)])


def share_line(left: str, right: str, test: PairTest) -> bool:
    length = int(test.at_least or SHORTEST_TOKEN)
    shared = set(words(fold(left))) & set(words(fold(right)))
    return any(len(word) >= length and any(map(str.isdigit, word)) for word in shared)


def one_edit(left: list[str], right: list[str], _test: PairTest) -> Mask:
    plain = {text: text if text.isalnum() else normal(text, ("spaces",)) for text in {*left, *right}}
    a, b = ([*map(plain.__getitem__, texts)] for texts in (left, right))
    near: Mask = cpdist(a, b, scorer=OSA.distance, score_cutoff=1, workers=_workers(a)) <= 1
    lengths = (np.fromiter(map(len, texts), np.int64, len(texts)) for texts in (a, b))
    return near & (np.minimum(*lengths) >= SHORTEST_EDITED)


def one_edit_line(left: str, right: str, _test: PairTest) -> bool:
    a, b = sorted((normal(left, SAME_DEFAULT), normal(right, SAME_DEFAULT)), key=len)
    if len(a) < SHORTEST_EDITED or len(b) - len(a) > 1:
        return False
    same = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), len(a))
    if len(a) < len(b):
        return a[same:] == b[same + 1 :]
    swapped = a[same : same + 2] == b[same : same + 2][::-1]
    return a[same + 1 :] == b[same + 1 :] or (swapped and a[same + 2 :] == b[same + 2 :])


def similar_line(left: str, right: str, test: PairTest) -> bool:
    ratio = fuzz.token_set_ratio(" ".join(words(fold(left))), " ".join(words(fold(right))))
    return ratio / 100 >= (test.at_least or 0)


def ratios(left: Sequence[str], right: Sequence[str]) -> NDArray[np.float64]:
    scores: NDArray[np.float64] = cpdist(
        left, right, scorer=fuzz.token_set_ratio, dtype=np.float64, workers=_workers(left)
    )
    return scores / 100


def _workers(pairs: Sequence[str]) -> int:
    """Every core where there is enough to share out; -1 is rapidfuzz's word for that."""
    return -1 if len(pairs) >= _WORTH_SHARING else 1

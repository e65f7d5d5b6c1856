"""Slowing down whoever guesses passwords: after some wrong ones the same name from the same place has to wait."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

Who = tuple[str, str]
FREE_TRIES = 5
FIRST_WAIT = 15.0
LONGEST_WAIT = 900.0
MOST_REMEMBERED = 10_000


class Throttle:
    """Counts wrong passwords by user name and address in this process. The wait doubles with every further one."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._wrong: dict[Who, tuple[int, float]] = {}

    def must_wait(self, who: Who) -> bool:
        with self._lock:
            count, last = self._wrong.get(who, (0, 0.0))
        return self._clock() < last + wait_after(count)

    def note(self, who: Who) -> None:
        with self._lock:
            count, last = self._wrong.pop(who, (0, 0.0))
            stale = self._clock() > last + LONGEST_WAIT
            self._wrong[who] = (1 if stale else count + 1, self._clock())
            while len(self._wrong) > MOST_REMEMBERED:
                del self._wrong[next(iter(self._wrong))]

    def forget(self, who: Who) -> None:
        with self._lock:
            self._wrong.pop(who, None)


def wait_after(wrong: int) -> float:
    """Seconds to wait after so many wrong passwords in a row."""
    return 0.0 if wrong < FREE_TRIES else min(FIRST_WAIT * 2.0 ** (wrong - FREE_TRIES), LONGEST_WAIT)

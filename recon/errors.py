"""What stops an operation. `str(error)` is the sentence a user reads; nothing has been stored when one is raised."""

from __future__ import annotations


class Refusal(Exception):
    """The operation is refused; the sentence says why."""


class NotAllowed(Refusal):
    """The actor lacks the permission the operation asks for."""


class NotFound(Refusal):
    """What was named does not exist, or not for this actor."""


class Conflict(Refusal):
    """Somebody else changed the same thing first."""


class Unreadable(Refusal):
    """A file cannot be read: file, place and reason are in the sentence, one line whatever it quotes of the file."""

    def __init__(self, sentence: str) -> None:
        super().__init__(" ".join(sentence.splitlines()))

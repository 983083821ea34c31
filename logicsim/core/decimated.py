"""A history that is decimated as it grows, so that it stays small."""

from typing import Generic, TypeVar

T = TypeVar("T")


class Decimated(Generic[T]):
    """At most `most` of the added items, evenly spaced, and the last one.

    A full history drops every other item and doubles the spacing. `seen` counts all items added.
    """

    def __init__(self, most: int) -> None:
        self.seen = 0
        self._kept: list[T] = []
        self._last: list[T] = []  # the newest item, if it is not kept
        self._most = most
        self._every = 1

    def add(self, item: T) -> None:
        """Add the next item."""
        self._last = [item]
        if self.seen % self._every == 0:
            if len(self._kept) == self._most:
                self._kept = self._kept[::2]
                self._every *= 2
            if self.seen % self._every == 0:
                self._kept.append(item)
                self._last = []
        self.seen += 1

    @property
    def items(self) -> list[T]:
        """The items kept, and the last one added."""
        return [*self._kept, *self._last]

"""A record of something endless that stays small."""

from typing import Generic, TypeVar

T = TypeVar("T")


class Thinned(Generic[T]):
    """Keeps `most` of what is added, evenly spaced, and the last: each, every other...

    `seen` counts all that were added.
    """

    def __init__(self, most: int) -> None:
        self.seen = 0
        self._kept: list[T] = []
        self._last: list[T] = []  # of those that are not kept
        self._most = most
        self._every = 1

    def add(self, item: T) -> None:
        """Take the next one."""
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
        """Those that are kept, and the last."""
        return [*self._kept, *self._last]

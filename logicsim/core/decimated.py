"""A history that is decimated as it grows, so that it stays small."""

from typing import Generic, Protocol, TypeVar

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Indexed(Protocol[T_co]):
    """Items by place; each is asked for only if it is kept."""

    def __len__(self) -> int:
        """How many."""

    def __getitem__(self, place: int, /) -> T_co:
        """One of them."""


class Decimated(Generic[T]):
    """At most `most` of the added items, evenly spaced, and the last one.

    A full history drops every other item and doubles the spacing. `seen` counts all items added.
    """

    def __init__(self, most: int) -> None:
        self.seen = 0
        self._kept: list[T] = []
        self._newest: Indexed[T] | None = None  # the last items added
        self._most = most
        self._every = 1

    def add(self, items: Indexed[T]) -> None:
        """Add the next items, at least one."""
        begin, self.seen = self.seen, self.seen + len(items)
        place = begin
        while (place := place + -place % self._every) < self.seen:
            if len(self._kept) == self._most:
                self._kept = self._kept[::2]
                self._every *= 2
            else:
                self._kept.append(items[place - begin])
                place += 1
        self._newest = items

    @property
    def items(self) -> list[T]:
        """The items kept, and the last one added."""
        newest = self._newest
        if newest is None or self._last_is_kept:
            return [*self._kept]
        return [*self._kept, newest[len(newest) - 1]]

    @property
    def numbers(self) -> list[int]:
        """The numbers, from 1, of the same items among all that were added."""
        kept = range(1, 1 + len(self._kept) * self._every, self._every)
        return [*kept] if self._last_is_kept else [*kept, self.seen]

    @property
    def _last_is_kept(self) -> bool:
        return (self.seen - 1) % self._every == 0

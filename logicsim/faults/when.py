"""The time of a fault: from a step on, during some steps, at a moment, or intermittently."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from zlib import crc32

from logicsim.circuit.timetable import Timetable
from logicsim.core.errors import FaultError
from logicsim.core.noise import Purpose, Stream
from logicsim.kernel.kernel import Kernel

_TEXT: Final = re.compile(
    r"(?:@(?P<first>[1-9]\d{0,8})(?P<moment>\.\d{1,12})?(?:-(?P<last>[1-9]\d{0,8}))?)?"
    r"(?:%(?P<chance>[0-9.]+(?:e-?\d+)?))?"
)


@dataclass(frozen=True, slots=True)
class When:
    """The steps (from 1, over all tasks of a run) in which a fault is active.

    They are `first` to `last` (None: to the end), inclusive; from power-up if `first` is 1. The
    fault begins at a fraction `moment` (0 to 1) of the first step. `chance` is the probability
    that each of these steps has the fault.
    """

    first: int = 1
    moment: float = 0.0
    last: int | None = None
    chance: float = 1.0

    @classmethod
    def parse(cls, text: str) -> "When":
        """Read '@FIRST', '@FIRST.MOMENT', '@FIRST-LAST', '%CHANCE', or nothing.

        Raises:
            FaultError: it is none of these.
        """
        match = _TEXT.fullmatch(text)
        if match is None:
            raise FaultError(
                f"'{text}' does not say when; write @FIRST, @FIRST-LAST, and %CHANCE for a fault "
                "that comes and goes, e.g. @101-200%0.1"
            )
        first, last = int(match["first"] or 1), match["last"]
        try:
            chance = float(match["chance"] or 1)
        except ValueError:
            chance = 0.0
        if not 0 < chance <= 1:
            raise FaultError(f"'{text}': a chance is above 0 and at most 1")
        if last is not None and int(last) < first:
            raise FaultError(f"'{text}' ends before it begins")
        return cls(first, float(match["moment"] or 0), int(last) if last else None, chance)

    def __str__(self) -> str:
        """The text that `parse` reads; empty for a permanent fault."""
        text = ""
        if self.first > 1 or self.moment or self.last:
            text += f"@{self.first}{f'{self.moment:.12f}'.rstrip('0')[1:].rstrip('.')}"
        if self.last is not None:
            text += f"-{self.last}"
        return text if self.chance == 1 else f"{text}%{self.chance:g}"

    def overlaps(self, other: "When") -> bool:
        """Whether two times have steps in common."""
        ends = (self.last is None or other.first <= self.last,
                other.last is None or self.first <= other.last)  # fmt: skip
        return all(ends)


@dataclass(frozen=True, slots=True)
class ActiveWindow:
    """The active window of a fault in a run: `when` on the supervisor's `timetable`.

    `place` distinguishes the random draws of faults.
    """

    when: When
    timetable: Timetable
    place: str

    def there(self, seed: int, step: int) -> bool:
        """Whether the fault is active in `step`; in the first step, from its moment on."""
        when = self.when
        if step < when.first or (when.last is not None and step > when.last):
            return False
        if when.chance == 1:
            return True
        stream = Stream(seed, Purpose.FAULT)
        return bool(stream.uniforms(1, step, crc32(self.place.encode()))[0] < when.chance)

    @property
    def onset(self) -> int:
        """The tick in which the fault begins; 0 is power-up."""
        if self.when.first == 1 and not self.when.moment:
            return 0  # before the first step, since the part is broken at power-up
        return self._begin(self.when.first) + round(self.when.moment * self.timetable.period)

    def arrange(self, kernel: Kernel, seed: int, turn: Callable[[bool], None]) -> None:
        """Call `turn`, in COMMIT, whenever the fault begins (true) or ends.

        It first begins at its moment; after that it begins and ends at the begin of steps.
        """
        here = False

        def decide(step: int) -> None:
            nonlocal here
            there = self.there(seed, step)
            if there != here:
                here = there
                turn(there)
            # Without chance only the end remains to be scheduled.
            last = self.when.last
            following = step + 1 if self.when.chance < 1 else last + 1 if last else 0
            if following > step:
                due = self._begin(following) - kernel.now
                kernel.schedule(due, decide, following, self.place)

        kernel.schedule(self._ahead(kernel), decide, self.when.first, self.place)

    def at_moments(self, kernel: Kernel, seed: int, act: Callable[[], None]) -> None:
        """Call `act`, in COMMIT, at the fault's moment of every step in which it is active.

        A fault without an end and without chance acts once.
        """
        when = self.when
        last = when.first if when.last is None and when.chance == 1 else when.last

        def at_moment(step: int) -> None:
            if self.there(seed, step):
                act()

        self.each_step(kernel, at_moment, last)

    def each_step(self, kernel: Kernel, act: Callable[[int], None], last: int | None) -> None:
        """Call `act`, in COMMIT, at the fault's moment of every step from the first to `last`."""

        def begin(step: int) -> None:
            act(step)
            if step != last:
                following = self._begin(step + 1) + round(self.when.moment * self.timetable.period)
                kernel.schedule(following - kernel.now, begin, step + 1, self.place)

        kernel.schedule(self._ahead(kernel), begin, self.when.first, self.place)

    def _ahead(self, kernel: Kernel) -> int:
        return max(self.onset - kernel.now, 1)

    def _begin(self, step: int) -> int:
        return self.timetable.first + (step - 1) * self.timetable.period

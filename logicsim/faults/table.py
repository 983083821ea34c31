"""All kinds of fault by name."""

from collections.abc import Mapping
from typing import Final

from logicsim.faults.bridge import DOMINANT, WIRED_AND, WIRED_OR
from logicsim.faults.clocking import BYPASS, MISSING
from logicsim.faults.comparator import NOISY, OFFSET, SUPPLY
from logicsim.faults.converter import CONVERTER_BIT_AT_0, CONVERTER_BIT_AT_1, REFERENCE
from logicsim.faults.counter import DOUBLED, FROZEN, MISSED
from logicsim.faults.kind import Kind
from logicsim.faults.late import LATE, SKEW, SLOW
from logicsim.faults.leak import LEAK
from logicsim.faults.open import CUT, OPEN
from logicsim.faults.resistance import CONTACT, DRIFT, RESISTANCE, SHORT
from logicsim.faults.stuck import STUCK_AT_0, STUCK_AT_1
from logicsim.faults.upset import FLIP, GLITCH
from logicsim.faults.wiper import BIT_AT_0, BIT_AT_1, WIPER_AT

KINDS: Final[Mapping[str, Kind]] = {
    kind.name: kind
    for kind in (
        STUCK_AT_0, STUCK_AT_1, OPEN, CUT, SHORT, WIRED_AND, WIRED_OR, DOMINANT, LEAK,
        SLOW, LATE, SKEW, OFFSET, NOISY, SUPPLY, RESISTANCE, CONTACT, DRIFT, WIPER_AT,
        BIT_AT_0, BIT_AT_1, FROZEN, MISSED, DOUBLED, MISSING, BYPASS,
        CONVERTER_BIT_AT_0, CONVERTER_BIT_AT_1, REFERENCE, FLIP, GLITCH,
    )
}  # fmt: skip

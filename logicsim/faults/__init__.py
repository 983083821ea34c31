"""What may break, one kind a file; a fault is a netlist rewritten, so nothing else knows of it."""

from logicsim.faults.fault import Fault, inject, parse, parse_all
from logicsim.faults.universe import Listed, universe

__all__ = ["Fault", "Listed", "inject", "parse", "parse_all", "universe"]

"""Kinds of fault, one file each. A fault rewrites the netlist, so no other room knows of faults."""

from logicsim.faults.fault import Fault, inject, parse, parse_all
from logicsim.faults.universe import Listed, universe

__all__ = ["Fault", "Listed", "inject", "parse", "parse_all", "universe"]

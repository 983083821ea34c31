"""Circuits: circuit files, the cell of an edge, the netlist, the clock, the signals."""

"""The event engine: every chip of a netlist at its true time."""

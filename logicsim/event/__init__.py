"""The event engine: every chip of a netlist with all its delays."""

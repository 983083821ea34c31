"""Static timing analysis of any netlist, from the declarations its parts behave by."""

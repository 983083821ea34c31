"""Static timing analysis of any netlist, from the same declarations as its parts' behaviour."""

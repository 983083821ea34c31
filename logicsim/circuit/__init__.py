"""What is soldered: circuits as files, the cell of an edge, the netlist, the clock."""

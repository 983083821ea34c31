"""Voltages: the graph Laplacian of a resistor network, its solvers, and the twin."""

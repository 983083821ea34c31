"""Kernels that do whole steps of machines, compiled by numba: the fast form of the vector engine.

Machines are lanes, computed in groups of a fixed width. Arrays have the group first and the lane
last, so the lanes of a group are next to each other and the processor computes them together. What
concerns all lanes is an array without these axes. Each module has a named tuple of such arrays, the
function that makes it from lanes, and the kernels that use it.
"""

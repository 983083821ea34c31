"""Every experiment of the paper, and some past it: a figure a file, its numbers in one table."""

"""Every experiment of the paper, and further ones: one file for each figure."""

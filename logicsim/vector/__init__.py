"""The vector engine: a board a training step at a time, all of its edges at once."""

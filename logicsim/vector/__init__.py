"""The vector engine: it computes one training step of all edges of a board together."""

"""Pictures: of a history, a network, a schematic, and a run on one page."""

"""The same circuit for other programs: one target a file."""

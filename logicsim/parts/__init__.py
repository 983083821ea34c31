"""The chips, one file each: the declaration (pins, limits, sources), then the behaviour."""

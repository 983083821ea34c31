"""The chip kinds, one file each: declaration (pins, limits, sources), then behaviour."""

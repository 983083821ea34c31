"""A run on one self-contained page, for a browser."""

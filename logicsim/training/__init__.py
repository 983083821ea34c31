"""Runs: which engine trains a board, what is recorded of it, and replays."""

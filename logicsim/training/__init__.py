"""Runs: the choice of the engine, the recording, and replays."""

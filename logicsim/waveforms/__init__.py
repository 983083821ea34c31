"""Recorded waveforms: traces, the formats they are kept in, and what is measured on them."""

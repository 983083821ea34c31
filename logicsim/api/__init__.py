"""What Python users call: boards, runs and waveforms with everything the command line does."""

"""Speed: this emulator's engines beside other programs, on the same boards in the same minutes."""

"""`python -m logicsim` is `logicsim`."""

from logicsim.cli import main

main()

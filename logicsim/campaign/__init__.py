"""Fault campaigns: many runs that show what a board still learns with faults."""

from logicsim.campaign.file import Campaign, load
from logicsim.campaign.repeat import repeat
from logicsim.campaign.run import run
from logicsim.campaign.runs import Runs, read

__all__ = ["Campaign", "Runs", "load", "read", "repeat", "run"]

"""The sweep source: what answers at an address, by a byte and the neighbour table, before anybody knows what it is.

Nothing is logged in to and nothing is asked: one byte goes to the discard port of each address, and this machine's
own neighbour table then says whose MAC answered. No rights and no scanner are needed.
"""

from itops.sources.sweep.settings import SweepSettings
from itops.sources.sweep.source import SweepSource

__all__ = ["SweepSettings", "SweepSource"]

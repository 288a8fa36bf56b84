"""Source `rvtools`: workbooks that RVTools, or another tool through a column map, exported."""

from itops.sources.rvtools.source import RvtoolsSettings as Settings
from itops.sources.rvtools.source import RvtoolsSource

__all__ = ["RvtoolsSource", "Settings"]

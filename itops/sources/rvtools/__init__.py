"""Source `rvtools`: workbooks that RVTools, or another tool through a column map, exported."""

"""What runs by itself: the ticks, the children, the daemon."""

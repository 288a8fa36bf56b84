"""Lines to servers of others, for deliveries and alerts: one deadline, bounded answers, no redirects, no proxy."""

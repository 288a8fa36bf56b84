"""What no machine tells: the log of changes with their orders, the documents asked for each month, the services."""

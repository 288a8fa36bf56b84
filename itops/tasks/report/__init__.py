"""Building the report: gather facts of a period from the store, freeze the record, draw it, keep it."""

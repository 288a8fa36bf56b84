"""Judge everything that somebody must hear of, from the store alone: one room for each check."""

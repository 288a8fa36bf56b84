"""The report of a month or a year: one frozen record of codes, numbers and days, from which everything is drawn.

`records` and `parts` are the record; `servers`, `hardware`, `backups`, `papers` turn facts into its parts;
`exceptions`, `quality`, `indicators` and `statements` judge them. Pure: no store, no clock, no words.
"""

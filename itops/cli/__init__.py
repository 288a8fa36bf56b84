"""The command line: parse, run one task, show its outcome."""

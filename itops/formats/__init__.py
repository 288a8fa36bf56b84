"""Verifiers: one module or folder a format, each a ladder of proofs (`itops.backup.formats.Format`)."""

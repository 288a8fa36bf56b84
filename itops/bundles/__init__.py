"""Bundles: what an office sends to headquarters, signed, and the receipts that close it. No disk, no network here."""

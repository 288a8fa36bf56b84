"""Rounds of the alert engine: what is judged becomes incidents, and what somebody must hear becomes messages."""

"""The demo office Alborz: its settings and, for machines without the simulator, recordings of its three servers.

Everything in it is fictional. The recordings are made from the simulator by scripts/make_demo_recordings.py.
"""

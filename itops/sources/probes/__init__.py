"""The opt-in probes: one harmless question to one port, to learn which service answers there.

This is no `itops.sources` plugin: it sees no entities. It imports only the domain, and no other source imports it.
Each probe is a pure pair, `request(address) -> bytes` and `parse(reply) -> Recognised`, in a module of its own;
`exchange.py` is the only place that touches the network, `prober.py` the only one that calls it. No probe logs in,
writes or posts; `tests/sources/probes/test_harmless.py` holds that.
"""

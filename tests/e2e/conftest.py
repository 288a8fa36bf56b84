"""Simulated servers for the end-to-end tests. The session-wide ones are only read; to change one, start your own."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from tests.e2e.simulator import Simulator

CROWD = ("-vms", "300", "-hostile")


@pytest.fixture(scope="session")
def vcenter() -> Iterator[Simulator]:
    """A vCenter with four hosts and a few hundred machines, hostile names and nested snapshots among them."""
    with Simulator.start(*CROWD) as simulator:
        yield simulator


@pytest.fixture(scope="session")
def lone_esx() -> Iterator[Simulator]:
    """One ESXi host that no vCenter knows, with the same crowd on it."""
    with Simulator.start("-esx", *CROWD) as simulator:
        yield simulator


@pytest.fixture(scope="session")
def office_before() -> Iterator[tuple[Simulator, Simulator]]:
    """The demo office before its year: esx01 and esx02, each alone."""
    flags = ("-office", "before", "-esx", "-host")
    with Simulator.start(*flags, "esx01") as one, Simulator.start(*flags, "esx02") as two:
        yield one, two


@pytest.fixture(scope="session")
def office_after() -> Iterator[Simulator]:
    """The demo office after its year: one vCenter over the same two hosts."""
    with Simulator.start("-office", "after") as simulator:
        yield simulator


@pytest.fixture
def start_simulator() -> Iterator[Callable[..., Simulator]]:
    """Start simulators of the test's own, to be changed as it likes; they stop with the test."""
    with ExitStack() as running:
        yield lambda *flags: running.enter_context(Simulator.start(*flags))

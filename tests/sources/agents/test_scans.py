"""Inventories over several scans: what the store makes of files that stay, change and vanish."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from itops.inventory.entities import Entity, Kind
from itops.sources.agents import AgentsSource, Settings
from itops.store import StoreLocation, open_reader, open_store
from itops.tasks.collect_inventory import collect
from tests.sources.agents.samples import as_json, notebook

FIRST = datetime(2026, 11, 22, 5, tzinfo=UTC)
LATER = FIRST + timedelta(days=30)


@pytest.fixture
def inbox(tmp_path) -> Path:
    (tmp_path / "inbox").mkdir()
    return tmp_path / "inbox"


def scan(inbox: Path, now: datetime) -> list[Entity]:
    """One scan, and what the store then knows of devices."""
    location = StoreLocation(folder=inbox.parent / "state")
    location.folder.mkdir(exist_ok=True)
    source = AgentsSource("pcs", Settings(folder=inbox))
    with open_store(location, now) as store:
        outcome = collect([source], store, live_sources=["pcs"], now=now, clock=lambda: now)
    assert outcome.failures == ()
    reader = open_reader(location)
    try:
        return list(reader.entities(Kind.DEVICE))
    finally:
        reader.close()


def test_a_computer_that_is_off_is_as_old_as_its_file(inbox):
    (inbox / "a.json").write_bytes(as_json(notebook()))
    scan(inbox, FIRST)
    (entity,) = scan(inbox, LATER)
    assert entity.properties["readings"] == {"told_at": "2026-11-20T05:00:00+00:00"}


def test_a_file_that_vanishes_ends_nothing(inbox):
    (inbox / "a.json").write_bytes(as_json(notebook()))
    (inbox / "b.json").write_bytes(as_json(notebook(), "other"))
    scan(inbox, FIRST)
    (inbox / "a.json").unlink()
    assert len(scan(inbox, LATER)) == 2


def test_a_new_inventory_with_nothing_new_makes_no_history(inbox):
    (inbox / "a.json").write_bytes(as_json(notebook()))
    scan(inbox, FIRST)
    (inbox / "a.json").write_bytes(as_json(notebook(accesslog={"logdate": "2026-12-20 08:30:00"})))
    scan(inbox, LATER)
    reader = open_reader(StoreLocation(folder=inbox.parent / "state"))
    try:
        (entity,) = reader.entities(Kind.DEVICE)
        assert len(list(reader.history(Kind.DEVICE, entity.key))) == 1
        assert entity.properties["readings"] == {"told_at": "2026-12-20T05:00:00+00:00"}
    finally:
        reader.close()

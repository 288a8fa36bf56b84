"""A sighting is kept as an entity and comes back as it was."""

from dataclasses import fields, replace
from datetime import UTC, date, datetime

from itops.assets.sightings import (
    NetworkCard,
    Readings,
    Sighting,
    Supply,
    UpsReading,
    Via,
    entity_of,
    sighting_of,
)
from itops.inventory.entities import EntityKey, Kind
from itops.inventory.volatile import split

SEEN = Sighting(
    source="net",
    key=EntityKey("net/10.1.0.5"),
    seen_at=datetime(2026, 11, 22, 5, tzinfo=UTC),
    via=Via.SNMP_VENDOR,
    address="10.1.0.5",
    serial="QA0123456789",
    made_on=date(2019, 4, 1),
    cards=(NetworkCard(mac="00c0b7000001", is_permanent=True),),
    readings=Readings(uptime_seconds=7, supplies=(Supply(name="black", level_ratio=0.5),), ups=UpsReading()),
)


def test_a_sighting_comes_back_as_it_was():
    entity = entity_of(SEEN, ref="10.1.0.5")
    assert (entity.kind, entity.name) == (Kind.DEVICE, "10.1.0.5")
    assert sighting_of(entity) == SEEN


def test_what_moves_by_itself_makes_no_history():
    stable, moving = split(Kind.DEVICE, entity_of(SEEN, ref="x").properties)
    assert set(moving) == {"readings"}
    assert stable["serial"] == "QA0123456789"


def test_a_default_is_not_kept():
    kept = entity_of(SEEN, ref="x").properties
    assert set(kept) <= {"name", *(spec.name for spec in fields(Sighting))}
    assert not {"vendor", "findings", "is_partial"} & set(kept)


def test_reading_a_sighting_leaves_the_entity_as_it_was():
    entity = entity_of(SEEN, ref="x")
    assert sighting_of(entity) == sighting_of(entity)


def test_what_lay_in_a_file_was_seen_when_it_was_told():
    told_at = datetime(2026, 10, 1, tzinfo=UTC)
    entity = entity_of(replace(SEEN, readings=Readings(told_at=told_at)), ref="x")
    assert sighting_of(replace(entity, seen_at=datetime(2026, 11, 22, tzinfo=UTC))).seen_at == told_at

"""What every source does, wherever it looks. A test class of a source inherits this and gives it two sources."""

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import is_dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from itops.errors import InputInvalid, SourceUnavailable
from itops.inventory.entities import Entity, Gap, Kind, Observation, Seen, Source
from itops.plugins import Registry

NAME = "a-name-of-its-own"
NOW = datetime(2026, 11, 1, 8, 0, tzinfo=UTC)
MakeSource = Callable[[str], Source]
Look = tuple[Observation, list[Seen]]


def looks(source: Source, now: datetime = NOW) -> list[Look]:
    """Every observation with all that was seen in it."""
    return [(observation, list(observation.seen)) for observation in source.observe(now)]


def entities(look: Look) -> list[Entity]:
    return [thing for thing in look[1] if isinstance(thing, Entity)]


def gaps(look: Look) -> list[Gap]:
    return [thing for thing in look[1] if isinstance(thing, Gap)]


class SourceContract(ABC):
    """Inherit it, and give the two makers below; each makes a source of the given name."""

    @pytest.fixture
    @abstractmethod
    def make_source(self) -> MakeSource:
        """Of a place that can be seen and where something is: two observations at least, if it can give several."""

    @pytest.fixture
    @abstractmethod
    def make_broken(self) -> MakeSource:
        """Of a place that cannot be seen at all."""

    @pytest.fixture
    def found(self, make_source: MakeSource) -> list[Look]:
        return looks(make_source(NAME))

    # The plugin

    def test_it_is_registered_under_an_entry_point(self, make_source: MakeSource) -> None:
        registry: Registry[type] = Registry.from_entry_points("itops.sources")
        assert type(make_source(NAME)) in [registry[name] for name in registry]

    def test_its_settings_are_a_frozen_dataclass(self, make_source: MakeSource) -> None:
        plugin: Any = type(make_source(NAME))
        assert is_dataclass(plugin.Settings)
        assert plugin.Settings.__dataclass_params__.frozen

    def test_it_has_the_name_it_was_given(self, make_source: MakeSource) -> None:
        assert make_source(NAME).name == NAME

    def test_nothing_is_touched_before_it_is_looked_at(self, make_broken: MakeSource) -> None:
        make_broken(NAME).observe(NOW)

    # Observations

    def test_observations_come_oldest_first_and_never_from_the_future(self, found: list[Look]) -> None:
        moments = [observation.observed_at for observation, _ in found]
        assert moments
        assert all(moment.utcoffset() == timedelta(0) for moment in moments)
        assert moments == sorted(moments)
        assert moments[-1] <= NOW

    def test_a_live_source_looks_once_and_now_and_a_file_can_be_recognised(
        self, make_source: MakeSource, found: list[Look]
    ) -> None:
        if getattr(make_source(NAME), "is_live", False):
            assert [(look.observed_at, look.fingerprint) for look, _ in found] == [(NOW, None)]
        else:
            marks = [look.fingerprint for look, _ in found]
            assert all(marks)
            assert len(set(marks)) == len(marks)

    def test_everything_is_seen_through_the_name_of_the_source(self, found: list[Look]) -> None:
        for look in found:
            assert look[0].source == NAME
            assert {thing.source for thing in look[1]} == {NAME}

    def test_looking_again_finds_the_same_things(self, make_source: MakeSource) -> None:
        one, other = ([[(e.kind, e.key) for e in entities(look)] for look in looks(make_source(NAME))] for _ in "ab")
        assert [sorted(keys) for keys in one] == [sorted(keys) for keys in other]
        assert all(one)

    # Entities and gaps

    def test_entities_are_what_the_store_can_keep(self, found: list[Look]) -> None:
        for look in found:
            for entity in entities(look):
                assert isinstance(entity.kind, Kind)
                assert entity.key
                assert entity.ref
                assert entity.seen_at.utcoffset() == timedelta(0)
                assert json.loads(json.dumps(entity.properties)) == entity.properties

    def test_no_identity_is_given_twice_without_a_word(self, found: list[Look]) -> None:
        for look in found:
            things = [(entity.kind, entity.key) for entity in entities(look)]
            twins = {thing for thing in things if things.count(thing) > 1}
            # A copied VM has the identity of its original: told apart by ref, the store keeps and reports both.
            rows = [(e.kind, e.key, e.ref) for e in entities(look) if (e.kind, e.key) in twins]
            assert len(rows) == len(set(rows))

    def test_a_gap_says_what_why_and_what_helps(self, found: list[Look]) -> None:
        for look in found:
            for gap in gaps(look):
                assert re.fullmatch(r"[a-z-]+\.[a-z-]+", gap.code)
                assert gap.subject
                assert gap.problem
                assert gap.remedy
                assert gap.hides <= set(Kind)

    # Ends

    def test_a_stream_that_is_closed_early_harms_nobody(self, make_source: MakeSource) -> None:
        source = make_source(NAME)
        for observation in source.observe(NOW):
            assert next(observation.seen).source == NAME
            observation.seen.close()  # type: ignore[attr-defined]
            assert next(observation.seen, None) is None
        assert all(entities(look) for look in looks(source))

    def test_what_is_never_read_is_closed_too(self, make_source: MakeSource) -> None:
        for observation in make_source(NAME).observe(NOW):
            observation.seen.close()  # type: ignore[attr-defined]

    def test_a_place_that_cannot_be_seen_is_said_with_a_remedy(self, make_broken: MakeSource) -> None:
        with pytest.raises((SourceUnavailable, InputInvalid)) as failure:
            looks(make_broken(NAME))
        assert failure.value.problem
        assert failure.value.remedy

"""What every repository does, wherever its copies lie. A test class of a repository inherits this."""

import hashlib
import re
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import is_dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import entry_points
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from itops.backup.copies import Copy, CopyKind, Database, ListedFile, ServerFact
from itops.backup.repositories import HoldsFiles, Listed, Look, LookGap, Repository
from itops.errors import SourceUnavailable
from itops.facts import Fact

NAME = "a-name-of-its-own"
NOW = datetime(2026, 11, 22, 5, 30, tzinfo=UTC)
TEHRAN = ZoneInfo("Asia/Tehran")
KINDS = (ListedFile, Copy, Database, ServerFact, LookGap)
MakeRepository = Callable[[str], Repository]


def seen(repository: Repository, last_facts: Mapping[str, Fact] | None = None) -> list[Listed]:
    """Everything that one look yields."""
    return list(repository.look(NOW, last_facts or {}).seen)


def files(listed: list[Listed]) -> dict[str, ListedFile]:
    return {thing.path: thing for thing in listed if isinstance(thing, ListedFile)}


def copies(listed: list[Listed]) -> list[Copy]:
    return [thing for thing in listed if isinstance(thing, Copy)]


def gaps(listed: list[Listed]) -> list[LookGap]:
    return [thing for thing in listed if isinstance(thing, LookGap)]


def copy_of(*listed: ListedFile, key: str | None = None, repository: str = NAME) -> Copy:
    """The copy a job would make of files of a listing."""
    return Copy(repository=repository, key=key or listed[0].path, fingerprint=repr(listed), files=listed)


class RepositoryContract(ABC):
    """Inherit it, and give the two makers below; each makes a repository of the given name."""

    @pytest.fixture
    @abstractmethod
    def make_repository(self) -> MakeRepository:
        """Of a place that can be seen, that holds something, and that does not change while the test runs."""

    @pytest.fixture
    @abstractmethod
    def make_broken(self) -> MakeRepository:
        """Of a place that cannot be seen at all."""

    @pytest.fixture
    def looked(self, make_repository: MakeRepository) -> tuple[Look, list[Listed]]:
        look = make_repository(NAME).look(NOW, {})
        return look, list(look.seen)

    # The plugin

    def test_it_is_registered_under_an_entry_point(self, make_repository: MakeRepository) -> None:
        plugin = type(make_repository(NAME))
        line = f'NAME = "{plugin.__module__.rpartition(".")[0]}:{plugin.__name__}"'
        wired = [point.load() for point in entry_points(group="itops.repositories")]
        assert plugin in wired, f'wire it in pyproject.toml, [project.entry-points."itops.repositories"]: {line}'

    def test_its_settings_are_a_frozen_dataclass(self, make_repository: MakeRepository) -> None:
        plugin: Any = type(make_repository(NAME))
        assert is_dataclass(plugin.Settings)
        assert plugin.Settings.__dataclass_params__.frozen

    def test_it_has_the_name_it_was_given(self, make_repository: MakeRepository) -> None:
        assert make_repository(NAME).name == NAME

    def test_nothing_is_touched_before_it_is_looked_at(self, make_broken: MakeRepository) -> None:
        assert make_broken(NAME).name == NAME

    # A look

    def test_a_look_says_whose_it_is_and_when_it_was(self, looked: tuple[Look, list[Listed]]) -> None:
        assert looked[0].repository == NAME
        assert looked[0].looked_at == NOW

    def test_it_yields_only_what_a_look_may_yield(self, looked: tuple[Look, list[Listed]]) -> None:
        assert looked[1]
        assert [thing for thing in looked[1] if not isinstance(thing, KINDS)] == []

    def test_its_facts_can_be_kept(self, looked: tuple[Look, list[Listed]]) -> None:
        for name, fact in looked[0].facts.items():
            assert re.fullmatch(r"[a-z0-9_.-]+", name)
            assert fact is None or isinstance(fact, str | int | float | bool)
            assert str(fact).encode("utf-8")

    def test_looking_again_finds_the_same(
        self, make_repository: MakeRepository, looked: tuple[Look, list[Listed]]
    ) -> None:
        again = make_repository(NAME).look(NOW + timedelta(hours=1), looked[0].facts)
        assert Counter(map(repr, again.seen)) == Counter(map(repr, looked[1]))
        assert again.facts == looked[0].facts

    def test_paths_stay_inside_the_repository(self, looked: tuple[Look, list[Listed]]) -> None:
        inside = [file for copy in copies(looked[1]) for file in copy.files]
        for file in [*files(looked[1]).values(), *inside]:
            assert file.path.encode("utf-8")
            assert not {"", ".", ".."} & set(file.path.split("/")), file.path
            assert file.size_bytes >= 0
            assert isinstance(file.modified_ns, int)

    def test_no_copy_is_named_twice(self, looked: tuple[Look, list[Listed]]) -> None:
        names = Counter([copy.key for copy in copies(looked[1])] + list(files(looked[1])))
        assert [name for name, count in names.items() if count > 1] == []

    def test_copies_are_what_the_store_can_keep(self, looked: tuple[Look, list[Listed]]) -> None:
        for copy in copies(looked[1]):
            assert copy.repository == NAME
            assert copy.key.encode("utf-8")
            assert copy.fingerprint
            assert isinstance(copy.kind, CopyKind)
            moments = [copy.modified_at, copy.named_at]
            if copy.catalogue is not None:
                moments += [copy.catalogue.started_at, copy.catalogue.finished_at]
            assert all(moment is None or moment.utcoffset() == timedelta(0) for moment in moments)
            assert all(re.fullmatch(r"[a-z0-9-]+", fault.code) for fault in copy.faults)

    def test_a_gap_says_what_why_and_what_helps(self, looked: tuple[Look, list[Listed]]) -> None:
        for gap in gaps(looked[1]):
            assert re.fullmatch(r"[a-z-]+\.[a-z-]+", gap.code)
            assert gap.subject
            assert gap.problem
            assert gap.remedy

    # Ends

    def test_a_look_that_is_given_up_harms_nobody(self, make_repository: MakeRepository) -> None:
        repository = make_repository(NAME)
        look = repository.look(NOW, {})
        assert next(look.seen)
        if hasattr(look.seen, "close"):
            look.seen.close()
        repository.look(NOW, {})  # never read at all
        assert seen(repository)

    def test_a_place_that_cannot_be_seen_is_said_with_a_remedy(self, make_broken: MakeRepository) -> None:
        with pytest.raises(SourceUnavailable) as failure:
            seen(make_broken(NAME))
        assert failure.value.problem
        assert failure.value.remedy


class FileRepositoryContract(RepositoryContract):
    """What a repository does, besides, whose copies are files that can be read here."""

    def test_every_way_to_read_a_listed_file_gives_the_same_bytes(
        self, make_repository: MakeRepository, looked: tuple[Look, list[Listed]]
    ) -> None:
        repository = make_repository(NAME)
        assert isinstance(repository, HoldsFiles)
        assert files(looked[1])
        for listed in files(looked[1]).values():
            with repository.open(copy_of(listed)) as thing:
                whole = b"".join(thing.file.chunks())
                assert (thing.is_folder, len(thing.files), thing.size_bytes) == (False, 1, listed.size_bytes)
                assert len(whole) == listed.size_bytes
                assert all(len(chunk) <= 1 << 20 for chunk in thing.file.chunks())
                assert thing.head == whole[:4096]
                assert thing.file.read_at(0, len(whole) + 10) == whole
                assert thing.file.read_at(len(whole) // 2, 100) == whole[len(whole) // 2 :][:100]
                assert thing.file.read_at(len(whole), 1) == b""
                assert thing.file.digest() == hashlib.sha256(whole).hexdigest()

    def test_a_copy_that_is_gone_or_lies_elsewhere_cannot_be_opened(self, make_repository: MakeRepository) -> None:
        repository = make_repository(NAME)
        assert isinstance(repository, HoldsFiles)
        for path in ("not/there.bak", "../outside.bak", "/etc/hostname", "a/../../etc/hostname", "not-there/"):
            with pytest.raises((SourceUnavailable, OSError)), repository.open(copy_of(ListedFile(path, 1, 1))):
                pass

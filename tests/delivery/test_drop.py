"""The order, the resuming and the renaming that all drops share, over a folder in memory."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from itops.bundles.targets import BundleOnDisk
from itops.delivery.drop import OVERLAP_BYTES, leave, receipts, send
from itops.errors import DeliveryRefused, InputInvalid, SourceUnavailable
from tests.bundles.beating import beat
from tests.bundles.made import later
from tests.delivery.signed_bundle import Told, contents, signed_bundle


@dataclass
class Memory:
    """A drop without a line. `breaks_after`: so many bytes may be written in all."""

    files: dict[str, bytes] = field(default_factory=dict)
    deeds: list[str] = field(default_factory=list)
    can_resume: bool = True
    place: str = "memory"
    breaks_after: int | None = None
    forgets: bool = False
    appears: dict[str, bytes] = field(default_factory=dict)  # at the moment of a rename

    def size(self, name: str) -> int | None:
        return len(self.files[name]) if name in self.files else None

    def read(self, name: str, offset: int, length: int) -> bytes:
        return self.files[name][offset : offset + length]

    def write(self, name: str, offset: int, length: int, blocks: Iterator[bytes]) -> None:
        self.deeds.append(f"write {name} {offset}")
        self.files[name] = self.files.get(name, b"")[:offset] if offset else b""
        for block in blocks:
            if self.breaks_after is not None:
                taken, self.breaks_after = block[: self.breaks_after], max(0, self.breaks_after - len(block))
                self.files[name] += taken
                if taken != block:
                    raise SourceUnavailable("the line broke", remedy="try again")
            else:
                self.files[name] += block
        if self.forgets:
            self.files[name] = self.files[name][:-1]

    def rename(self, old: str, new: str) -> bool:
        self.deeds.append(f"rename {old}")
        self.files.update(self.appears)
        if new in self.files:
            return False
        self.files[new] = self.files.pop(old)
        return True

    def replace(self, old: str, new: str) -> None:
        self.deeds.append(f"replace {old}")
        self.files[new] = self.files.pop(old)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> BundleOnDisk:
    return signed_bundle(tmp_path_factory.mktemp("outbox") / "out", 700_000)


def test_each_part_is_written_beside_and_renamed_before_the_next(bundle: BundleOnDisk) -> None:
    drop = Memory()
    send(drop, bundle, Told().tell)
    assert drop.files == contents(bundle)
    assert drop.deeds == [
        deed for part in bundle.parts for deed in (f"write {part.name}.part 0", f"rename {part.name}.part")
    ]
    assert [part.name.rpartition(".")[2] for part in bundle.parts] == ["zip", "sig", "json"]


def test_what_is_there_is_not_touched(bundle: BundleOnDisk) -> None:
    drop = Memory(files=contents(bundle))
    told = Told()
    put = send(drop, bundle, told.tell)
    assert drop.deeds == []
    assert (put.sent_bytes, put.resumed_bytes) == (0, bundle.size_bytes)
    assert told.calls[-1] == (bundle.size_bytes, bundle.size_bytes)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(0, 800_000), max_size=5))
def test_however_often_the_line_breaks_the_bundle_arrives_and_all_is_counted(
    bundle: BundleOnDisk, cuts: list[int]
) -> None:
    drop = Memory()
    for cut in cuts:
        drop.breaks_after = cut
        try:
            send(drop, bundle, Told().tell)
        except SourceUnavailable:
            assert bundle.parts[2].name not in drop.files
    drop.breaks_after = None
    put = send(drop, bundle, Told().tell)
    assert drop.files == contents(bundle)
    assert put.sent_bytes + put.resumed_bytes == bundle.size_bytes


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(length=st.integers(0, 800_000), wrong_at=st.integers(0, 800_000))
def test_the_tail_of_a_half_part_is_not_believed(bundle: BundleOnDisk, length: int, wrong_at: int) -> None:
    archive = bundle.parts[0]
    half = bytearray(archive.path.read_bytes()[:length])
    tail = max(0, len(half) - 2 * OVERLAP_BYTES)
    if tail <= wrong_at < len(half):
        half[wrong_at] ^= 1
    drop = Memory(files={f"{archive.name}.part": bytes(half)})
    send(drop, bundle, Told().tell)
    assert drop.files == contents(bundle)


def test_where_nothing_can_be_resumed_a_part_is_begun_anew(bundle: BundleOnDisk) -> None:
    archive = bundle.parts[0]
    drop = Memory(files={f"{archive.name}.part": archive.path.read_bytes()[:500_000]}, can_resume=False)
    assert send(drop, bundle, Told().tell).sent_bytes == bundle.size_bytes
    assert drop.deeds[0] == f"write {archive.name}.part 0"


def test_bytes_that_got_lost_over_there_are_noticed_before_the_rename(bundle: BundleOnDisk) -> None:
    drop = Memory(forgets=True)
    with pytest.raises(SourceUnavailable, match=f"has {bundle.parts[0].size_bytes - 1:,}"):
        send(drop, bundle, Told().tell)
    assert not any(deed.startswith("rename") for deed in drop.deeds)


@pytest.mark.parametrize("index", [0, 1, 2])
def test_another_content_under_the_name_is_refused(bundle: BundleOnDisk, index: int) -> None:
    part = bundle.parts[index]
    damaged = bytearray(part.path.read_bytes())
    damaged[-1] ^= 1
    drop = Memory(files={part.name: bytes(damaged)})
    with pytest.raises(DeliveryRefused, match=part.name):
        send(drop, bundle, Told().tell)
    assert drop.files[part.name] == bytes(damaged)


def test_somebody_who_was_faster_with_the_same_part_is_no_trouble(bundle: BundleOnDisk) -> None:
    archive = bundle.parts[0]
    drop = Memory(appears={archive.name: archive.path.read_bytes()})
    send(drop, bundle, Told().tell)
    assert contents(bundle).items() <= drop.files.items()


def test_somebody_who_was_faster_with_another_part_is(bundle: BundleOnDisk) -> None:
    drop = Memory(appears={bundle.parts[0].name: b"another"})
    with pytest.raises(DeliveryRefused):
        send(drop, bundle, Told().tell)


def test_a_part_that_left_the_outbox_is_named(bundle: BundleOnDisk, tmp_path: Path) -> None:
    lost = replace(bundle.parts[0], path=tmp_path / "gone")
    with pytest.raises(InputInvalid, match=lost.name):
        send(Memory(), replace(bundle, parts=(lost, *bundle.parts[1:])), Told().tell)


def test_a_part_that_became_shorter_in_the_outbox_is_named(bundle: BundleOnDisk, tmp_path: Path) -> None:
    (tmp_path / "short").write_bytes(bundle.parts[0].path.read_bytes()[:-1])
    short = replace(bundle.parts[0], path=tmp_path / "short")
    with pytest.raises(InputInvalid, match="shorter"):
        send(Memory(), replace(bundle, parts=(short, *bundle.parts[1:])), Told().tell)


def test_receipts_of_other_bundles_are_not_read(bundle: BundleOnDisk) -> None:
    other = "ab" * 32
    drop = Memory(files={f"receipts/{other}.received": b"theirs", f"receipts/{bundle.sha256}.rejected": b"ours"})
    assert receipts(drop, [bundle.sha256]) == (b"ours",)
    assert receipts(drop, []) == ()


OLD, NEW = beat(), beat(made_at=later(days=1))


def test_a_heartbeat_is_written_beside_and_takes_the_place_of_the_last_one() -> None:
    drop = Memory(files={OLD.name: OLD.content, f"{OLD.name}.part": b"of a cut try" * 1000})
    leave(drop, NEW)
    assert drop.files == {NEW.name: NEW.content}
    assert drop.deeds == [f"write {NEW.name}.part 0", f"replace {NEW.name}.part"]


@pytest.mark.parametrize("cut", range(0, len(NEW.content), 7))
def test_wherever_the_line_breaks_the_old_heartbeat_stays_whole(cut: int) -> None:
    drop = Memory(files={OLD.name: OLD.content}, breaks_after=cut)
    with pytest.raises(SourceUnavailable):
        leave(drop, NEW)
    assert drop.files[OLD.name] == OLD.content
    drop.breaks_after = None
    leave(drop, NEW)
    assert drop.files == {NEW.name: NEW.content}


def test_a_heartbeat_that_lost_bytes_over_there_replaces_nothing() -> None:
    drop = Memory(files={OLD.name: OLD.content}, forgets=True)
    with pytest.raises(SourceUnavailable, match=f"has {len(NEW.content) - 1:,}"):
        leave(drop, NEW)
    assert drop.files[OLD.name] == OLD.content

"""The data blocks of `pg_dump -Fc`: walked, and unpacked."""

import zlib
from pathlib import Path

import pytest

from itops.backup.levels import Level
from itops.formats.effort import BoundedEffort
from itops.formats.ladder import examine
from itops.formats.postgresql.custom import PgDumpCustom
from tests.formats.looking import codes, examined, far_file, faults
from tests.formats.postgresql import made
from tests.makers.damages import DAMAGES


def looked_at(data: bytes, **more: object):
    return examined(far_file(data, "nightly.dump"), PgDumpCustom(), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("has_offsets", [True, False], ids=["with offsets", "written into a pipe"])
def test_all_data_of_a_good_file_is_checked_but_not_the_sql_in_its_contents(has_offsets: bool) -> None:
    data = made.custom(has_offsets=has_offsets)
    found = looked_at(data)
    assert (found.level, codes(found)) == (Level.COMPLETE, {"partly-checked"})
    unpacked = len(made.ROWS) + sum(map(len, made.LARGE_OBJECTS.values()))
    begin = data.index(b"\x01" + made.integer(3) + made.integer(len(zlib.compress(made.ROWS))))
    assert found.limits[0].facts == {"unchecked_bytes": begin, "unpacked_bytes": unpacked}
    assert found.identity is not None
    assert found.identity.facts["large_objects"] == 2
    assert found.sha256


@pytest.mark.parametrize("packing", ["none", "zstd", "lz4"])
def test_without_checksums_it_is_complete_at_best(packing: str) -> None:
    found = looked_at(made.custom(version=(1, 16), packing=packing))
    assert (found.level, codes(found)) == (Level.COMPLETE, {"no-checksums"})


def test_zstd_that_does_not_unpack_is_noticed_all_the_same() -> None:
    good = made.custom(version=(1, 16), packing="zstd")
    at = good.index(b"\x28\xb5\x2f\xfd")
    found = looked_at(good[: at + 9] + b"\xff\xff\xff" + good[at + 12 :])
    assert found.level is Level.COMPLETE
    assert found.faults


@pytest.mark.parametrize("cut", [1, 2, 5, 6, 7, 100])
@pytest.mark.parametrize("packing", ["none", "gzip"])
def test_a_file_cut_by_a_few_bytes_is_noticed(packing: str, cut: int) -> None:
    found = looked_at(made.custom(packing=packing)[:-cut], level=Level.COMPLETE)
    assert [code for code, _ in faults(found)] == ["cut"]


def test_a_file_that_ends_with_a_block_but_too_early_is_cut() -> None:
    data = made.custom()
    found = looked_at(data[: data.index(b"\x03" + made.integer(6))])
    assert faults(found) == [("cut", "entry 6")]
    assert found.faults[0].facts["missing_entries"] == 1


def test_what_follows_the_last_block_is_junk() -> None:
    found = looked_at(made.custom() + b"junk")
    assert faults(found) == [("junk-appended", "")]
    assert found.faults[0].facts["extra_bytes"] == 4


def test_a_hole_of_zeros_in_rows_is_noticed_though_nothing_has_a_checksum() -> None:
    data = made.custom(packing="none")
    at = data.index(b"holder 7919\n")
    assert faults(looked_at(data[:at] + bytes(6) + data[at + 6 :])) == [("zeroed", "entry 3")]


def test_rows_without_their_end_mark_are_unfinished() -> None:
    entries = [
        made.Entry(entry.what, entry.tag, made.ROWS[:-5], entry.copy) if entry.what == "TABLE DATA" else entry
        for entry in made.ENTRIES
    ]
    assert faults(looked_at(made.custom(entries, packing="none"))) == [("unfinished", "entry 3")]
    found = looked_at(made.custom(entries))
    assert (found.level, faults(found)) == (Level.COMPLETE, [("unfinished", "entry 3")])


def test_a_large_object_less_than_the_contents_list_is_missed() -> None:
    entries = [*made.ENTRIES, made.Entry("BLOB", "16404")]
    assert faults(looked_at(made.custom(entries))) == [("member-missing", "large objects")]


def test_a_flipped_bit_under_zlib_is_noticed_by_reading_only() -> None:
    data = made.custom()
    at = data.index(zlib.compress(made.ROWS)[:40]) + 30
    flipped = data[:at] + bytes([data[at] ^ 4]) + data[at + 1 :]
    assert not looked_at(flipped, level=Level.COMPLETE).faults
    found = looked_at(flipped)
    assert (found.level, faults(found)) == (Level.COMPLETE, [("structure-damaged", "entry 3")])
    at = data.index(zlib.compress(made.ROWS)[-4:])
    found = looked_at(data[:at] + bytes([data[at] ^ 4]) + data[at + 1 :])
    assert (found.level, faults(found)) == (Level.COMPLETE, [("stream-checksum", "entry 3")])


def test_a_stream_that_goes_on_after_its_end_is_noticed() -> None:
    data = made.custom()
    stream = zlib.compress(made.ROWS)
    grown = made.custom(has_offsets=False).replace(
        made.integer(len(stream)) + stream, made.integer(len(stream) + 3) + stream + b"abc"
    )
    assert len(grown) == len(data) + 3
    assert faults(looked_at(grown)) == [("structure-damaged", "entry 3")]


def test_what_unpacks_to_more_than_is_allowed_is_a_bomb(tmp_path: Path) -> None:
    entries = [made.Entry("TABLE", "t"), made.Entry("TABLE DATA", "t", bytes(3 << 20), "INSERT")]
    effort = BoundedEffort(level=Level.INTACT, scratch=tmp_path, max_unpacked_bytes=2 << 20)
    found = examine(far_file(made.custom(entries), "nightly.dump"), (PgDumpCustom(),), effort)
    assert [code for code, _ in faults(found)] == ["bomb"]


@pytest.mark.parametrize("packing", ["none", "gzip"])
def test_a_transfer_in_text_mode_is_named(packing: str) -> None:
    assert faults(looked_at(DAMAGES["CRLF-mangled"](made.custom(packing=packing)))) == [("line-endings", "")]


def test_time_that_runs_out_is_no_damage() -> None:
    found = looked_at(made.custom(), seconds=0.0)
    assert (found.faults, codes(found)) == ((), {"out-of-time"})

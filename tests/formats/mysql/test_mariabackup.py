"""Folders of mariabackup, with tablespaces written by hand; the real ones are in the end-to-end tests."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from itops.backup.copies import CopyKind
from itops.backup.levels import Level
from itops.formats.mysql.mariabackup import Mariabackup
from tests.formats.looking import codes, examined, far_folder, faults, is_sane
from tests.formats.mutations import mutated, mutations
from tests.formats.mysql import pages
from tests.makers.damages import DAMAGES

CHECKPOINTS = b"backup_type = full-backuped\nfrom_lsn = 0\nto_lsn = 1618403\nlast_lsn = 1619000\n"
INFO = (
    b"uuid = 1\ntool_name = mariabackup\ntool_version = 10.11.19-MariaDB\nserver_version = 10.11.19-MariaDB\n"
    b"start_time = 2026-11-22 16:25:35\nend_time = 2026-11-22 16:25:37\npartial = N\nincremental = N\ncompressed = N\n"
)
OPTIONS = b"[mysqld]\ninnodb_data_file_path=ibdata1:12M:autoextend\n"
LOG = b"Phys" + bytes(4) + (1_618_000).to_bytes(8, "big") + b"Backup 10.11.19" + bytes(12288 - 31) + b"r" * 1000


def folder(kind: str = pages.FULL_CRC32) -> dict[str, bytes]:
    return {
        "xtrabackup_checkpoints": CHECKPOINTS,
        "xtrabackup_info": INFO,
        "backup-my.cnf": OPTIONS,
        "ib_logfile0": LOG,
        "ibdata1": pages.tablespace(pages=12),
        "Insurance/policies.ibd": pages.tablespace(kind),
        "Insurance/policies.frm": b"\xfe\x01",
    }


def looked_at(files: dict[str, bytes]):
    return examined(far_folder(files), Mariabackup())


@pytest.mark.parametrize("kind", [pages.FULL_CRC32, pages.CRC32, pages.ZIPPED])
def test_all_pages_of_a_good_folder_are_checked_and_what_has_no_pages_is_told(kind: str) -> None:
    found = looked_at(folder(kind))
    assert (found.level, codes(found)) == (Level.COMPLETE, {"partly-checked"})
    identity = found.identity
    assert identity is not None
    assert (identity.kind, identity.object) == (CopyKind.FULL, None)
    assert identity.facts["local_started_at"] == "2026-11-22T16:25:35"
    facts = found.limits[0].facts
    assert (facts["pages"], facts["zero_pages"]) == (16, 2)
    assert facts["unchecked_bytes"] == sum(
        len(data) for name, data in folder().items() if not name.endswith((".ibd", "ibdata1"))
    )


EVERYWHERE = (0, 20, 100, 2000, 4000, -8, -1)  # both copies of sum and log position, and what lies between
LOG_POSITION_AT = 20  # ROW_FORMAT=COMPRESSED leaves it out of its sum
FLIPS = [
    *((kind, at) for kind in (pages.FULL_CRC32, pages.CRC32) for at in EVERYWHERE),
    *((pages.ZIPPED, at) for at in EVERYWHERE if at != LOG_POSITION_AT),
]


def with_a_flip(kind: str, at: int) -> dict[str, bytes]:
    files, size = folder(kind), pages.PAGE_BYTES[kind]
    table = bytearray(files["Insurance/policies.ibd"])
    table[2 * size + (at % size)] ^= 2
    return {**files, "Insurance/policies.ibd": bytes(table)}


@pytest.mark.parametrize(("kind", "at"), FLIPS)
def test_a_flipped_bit_in_a_page_is_noticed(kind: str, at: int) -> None:
    found = looked_at(with_a_flip(kind, at))
    assert (found.level, faults(found)) == (Level.COMPLETE, [("page-checksum", "Insurance/policies.ibd")])
    assert found.faults[0].facts == {"pages": 1, "first_page": 2}


def test_the_log_position_of_a_zipped_page_is_under_no_sum() -> None:
    assert not looked_at(with_a_flip(pages.ZIPPED, LOG_POSITION_AT)).faults


def test_a_page_whose_halves_are_of_two_moments_is_torn_and_has_no_older_sum() -> None:
    files, size = folder(pages.CRC32), pages.PAGE_BYTES[pages.CRC32]
    later = pages.page(2, pages.CRC32, b"later" * 2000)
    later[16:24] = (1_700_000).to_bytes(8, "big")
    table = bytearray(files["Insurance/policies.ibd"])
    table[2 * size : 2 * size + 4096] = pages.sealed(later, pages.CRC32)[:4096]
    found = looked_at({**files, "Insurance/policies.ibd": bytes(table)})
    assert faults(found) == [("page-checksum", "Insurance/policies.ibd")]


def test_two_pages_that_changed_places_are_noticed() -> None:
    files, size = folder(), pages.PAGE_BYTES[pages.FULL_CRC32]
    table = files["Insurance/policies.ibd"]
    table = table[:size] + table[2 * size : 3 * size] + table[size : 2 * size] + table[3 * size :]
    found = looked_at({**files, "Insurance/policies.ibd": table})
    assert found.faults[0].facts == {"pages": 2, "first_page": 1}


@pytest.mark.parametrize(
    ("kind", "page", "checked", "unchecked"),
    [
        pytest.param(pages.FULL_CRC32, pages.packed_page(2), 16, 0, id="compressed"),
        pytest.param(pages.ZIPPED, pages.adler_page(2), 16, 0, id="ROW_FORMAT=COMPRESSED of an old server"),
        pytest.param(pages.CRC32, pages.old_page(2), 15, 1, id="the sum of an old server"),
    ],
)
def test_pages_of_other_kinds_are_no_damage(kind: str, page: bytes, checked: int, unchecked: int) -> None:
    files, size = folder(kind), pages.PAGE_BYTES[kind]
    table = files["Insurance/policies.ibd"]
    found = looked_at({**files, "Insurance/policies.ibd": table[: 2 * size] + page + table[3 * size :]})
    assert not found.faults
    facts = found.limits[0].facts
    assert (facts["pages"], facts["unchecked_pages"]) == (checked, unchecked)
    others = sum(len(data) for name, data in files.items() if not name.endswith((".ibd", "ibdata1")))
    assert facts["unchecked_bytes"] == others + unchecked * size


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        pytest.param({"xtrabackup_checkpoints": None}, ("unfinished", "xtrabackup_checkpoints"), id="killed"),
        pytest.param({"xtrabackup_info": None}, ("member-missing", "xtrabackup_info"), id="no information"),
        pytest.param({"ib_logfile0": None}, ("member-missing", "ib_logfile0"), id="no log"),
        pytest.param({"ib_logfile0": LOG[:-1]}, ("cut", "ib_logfile0"), id="a log one byte short"),
        pytest.param({"ibdata1": None}, ("member-missing", "ibdata1"), id="no system tablespace"),
        pytest.param({"Insurance/policies.ibd": b""}, ("empty", "Insurance/policies.ibd"), id="an empty table"),
        pytest.param(
            {"Insurance/policies.ibd": pages.tablespace()[:-1]}, ("cut", "Insurance/policies.ibd"), id="one byte short"
        ),
        pytest.param(
            {"Insurance/policies.ibd": pages.tablespace()[:-16384]},
            ("cut", "Insurance/policies.ibd"),
            id="one page short",
        ),
    ],
)
def test_what_is_wrong_is_named(change: dict[str, bytes | None], fault: tuple[str, str]) -> None:
    merged = {**folder(), **change}
    assert faults(looked_at({name: data for name, data in merged.items() if data is not None})) == [fault]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        pytest.param({"Insurance/policies.ibd.qp": b"qpress10"}, "compressed", id="packed by qpress"),
        pytest.param({"Insurance/policies.ibd.xbcrypt": b"XBCRYP02"}, "encrypted", id="encrypted"),
        pytest.param({"Insurance/new.ibd": bytes(65536)}, "unwritten-tablespace", id="a table of the last second"),
    ],
)
def test_what_cannot_be_seen_is_no_damage(change: dict[str, bytes], said: str) -> None:
    found = looked_at({**folder(), **change})
    assert (found.level, codes(found)) == (Level.IDENTIFIED, {said})


def test_some_tables_are_no_whole_server() -> None:
    found = looked_at({**folder(), "xtrabackup_info": INFO.replace(b"partial = N", b"partial = Y")})
    assert found.identity is not None
    assert found.identity.kind is CopyKind.PARTIAL


def test_xtrabackup_calls_its_log_otherwise() -> None:
    files = folder()
    files["xtrabackup_logfile"] = files.pop("ib_logfile0")
    assert looked_at(files).level is Level.COMPLETE
    files["xtrabackup_logfile"] = LOG[:-1]
    assert faults(looked_at(files)) == [("cut", "xtrabackup_logfile")]


def test_a_prepared_backup_has_no_unwritten_table() -> None:
    prepared = CHECKPOINTS.replace(b"full-backuped", b"log-applied")
    files = {**folder(), "xtrabackup_checkpoints": prepared, "Insurance/new.ibd": bytes(65536)}
    assert faults(looked_at(files)) == [("all-zero", "Insurance/new.ibd")]


def test_an_incremental_backup_says_so_and_has_no_pages_to_check() -> None:
    files = {
        "xtrabackup_checkpoints": CHECKPOINTS.replace(b"full-backuped", b"incremental"),
        "xtrabackup_info": INFO.replace(b"incremental = N", b"incremental = Y"),
        "ib_logfile0": LOG,
        "Insurance/policies.ibd.delta": b"XTRA",
        "Insurance/policies.ibd.meta": b"page_size = 16384\n",
    }
    found = looked_at(files)
    assert found.identity is not None
    assert (found.identity.kind, codes(found)) == (CopyKind.INCREMENTAL, {"no-checksums"})
    del files["Insurance/policies.ibd.meta"]
    assert faults(looked_at(files)) == [("member-missing", "Insurance/policies.ibd.meta")]


@pytest.mark.parametrize("damage", [name for name in DAMAGES if name != "all zeros"])
def test_every_damage_to_a_table_is_noticed(damage: str) -> None:
    """Ten pages: the middle of the file is written on, and no damage makes whole pages of zeros of the others."""
    files, name = folder(), "Insurance/policies.ibd"
    good = pages.tablespace(pages=10)
    files[name] = DAMAGES[damage](good)
    assert files[name] != good
    assert [place for _, place in faults(looked_at(files))] == [name]


@settings(max_examples=60)
@given(victim=st.sampled_from(sorted(folder())), data=st.data())
def test_a_mangled_folder_is_told_about(victim: str, data: st.DataObject) -> None:
    files = folder()
    files[victim] = mutated(files[victim], data.draw(mutations(len(files[victim]))))
    assert is_sane(looked_at(files))

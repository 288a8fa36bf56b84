"""What pgBackRest prints, recorded from 2.45 on a small stanza; and the arithmetic over WAL."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.backup.copies import Copy, CopyKind
from itops.backup.formats import MIB, Unprovable
from itops.backup.repositories import LookGap
from itops.errors import SourceUnavailable
from itops.repositories.pgbackrest import Settings
from itops.repositories.pgbackrest.information import copies_of, stanza_of
from itops.repositories.pgbackrest.manifest import file_faults
from itops.repositories.pgbackrest.verification import verified
from itops.repositories.pgbackrest.wal import needed_by, segments_between, wal_faults
from tests.repositories.outcomes import outcome

FULL, DIFF = "20261122-163531F", "20261122-163531F_20261122-163535D"
INFO = """[{"archive":[{"database":{"id":1,"repo-key":1},"id":"15-1","max":"000000010000000000000009",
"min":"000000010000000000000001"}],"backup":[{"archive":{"start":"000000010000000000000002",
"stop":"000000010000000000000003"},"backrest":{"format":5,"version":"2.45"},"database":{"id":1,"repo-key":1},
"error":false,"info":{"delta":24368630,"repository":{"delta":3605696,"size":3605696},"size":24368630},
"label":"20261122-163531F","lsn":{"start":"0/2000028","stop":"0/2000100"},"prior":null,"reference":null,
"timestamp":{"start":1795365331,"stop":1795365334},"type":"full"}],"cipher":"none",
"db":[{"id":1,"repo-key":1,"system-id":7711035375456636990,"version":"15"}],"name":"shop",
"repo":[{"cipher":"none","key":1,"status":{"code":0,"message":"ok"}}],
"status":{"code":0,"lock":{"backup":{"held":false}},"message":"ok"}}]"""
HEALTHY = f"""stanza: shop
status: ok
  archiveId: 15-1, total WAL checked: 9, total valid WAL: 9
    missing: 0, checksum invalid: 0, size invalid: 0, other: 0
  backup: {FULL}, status: valid, total files checked: 967, total valid files: 967
    missing: 0, checksum invalid: 0, size invalid: 0, other: 0
  backup: {DIFF}, status: valid, total files checked: 970, total valid files: 970
    missing: 0, checksum invalid: 0, size invalid: 0, other: 0
"""
SICK = f"""stanza: shop
status: error
  archiveId: 15-1, total WAL checked: 9, total valid WAL: 8
    missing: 0, checksum invalid: 0, size invalid: 0, other: 1
  backup: {FULL}, status: invalid, total files checked: 967, total valid files: 965
    missing: 1, checksum invalid: 1, size invalid: 0, other: 0
  backup: {DIFF}, status: manifest missing, total files checked: 0, total valid files: 0
"""
LOG = f"""INFO: invalid result 15-1/0000000100000000/000000010000000000000008-{"49da5f7a" * 5}.gz: [29] data error
INFO: invalid checksum '{FULL}/pg_data/base/5/2838.gz'
INFO: file missing '{FULL}/pg_data/global/2964.gz'
"""
MANIFEST = """[backup:option]
option-compress-type="gz"

[target:file]
pg_data/PG_VERSION={"checksum":"587b","reference":"20261122-163531F","repo-size":23,"size":3,"timestamp":1}
pg_data/a=b={"checksum":"4d88","repo-size":195,"size":258,"timestamp":1}
pg_data/global/empty={"size":0,"timestamp":1}
pg_data/small={"bni":1,"bno":0,"checksum":"00","repo-size":20,"size":40,"timestamp":1}

[target:file:default]
mode="0600"
"""
STORED = {FULL: {"pg_data/PG_VERSION.gz": 23}, DIFF: {"pg_data/a=b.gz": 195, "bundle/1": 20}}


def info(**changes):
    (told,) = json.loads(INFO)
    return [{**told, **changes}]


def test_a_backup_becomes_a_copy():
    (copy,) = copies_of(stanza_of(info(), "shop", 1), "safe", 1)
    assert (copy.key, copy.kind, copy.size_bytes, copy.faults) == (FULL, CopyKind.FULL, 24368630, ())
    assert copy.catalogue.started_at == datetime(2026, 11, 22, 16, 35, 31, tzinfo=UTC)
    assert copy.catalogue.facts["system_id"] == "7711035375456636990"
    assert copy.catalogue.made_by == "pgBackRest 2.45"
    assert needed_by(copy, 16 * MIB) == ("000000010000000000000002", "000000010000000000000003")


def test_page_errors_that_are_told_nowhere_else_are_a_fault():
    told = info()
    told[0]["backup"][0]["error"] = True
    (copy,) = copies_of(stanza_of(told, "shop", 1), "safe", 1)
    assert [fault.code for fault in copy.faults] == ["page-checksum"]


def test_backups_of_another_repository_are_not_ours():
    told = info()
    told[0]["backup"][0]["database"]["repo-key"] = 2
    assert list(copies_of(stanza_of(told, "shop", 1), "safe", 1)) == []


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (info(repo=[], status={"code": 1, "message": "missing stanza path"}), "no stanza shop"),
        (
            info(repo=[{"key": 1, "status": {"code": 99, "message": "[FormatError] unable to load info file"}}]),
            "cannot read the repository",
        ),
        (info(name="other"), "tells nothing"),
        ([], "tells nothing"),
        ({"a": 1}, "tells nothing"),
        (None, "tells nothing"),
    ],
)
def test_a_status_counts_and_not_the_exit_code(answer, said):
    with pytest.raises(SourceUnavailable, match=said) as failure:
        stanza_of(answer, "shop", 1)
    assert failure.value.remedy


def test_a_stanza_without_backups_is_empty_and_not_dead():
    told = stanza_of(info(backup=[], repo=[], status={"code": 2, "message": "no valid backups"}), "shop", 1)
    assert list(copies_of(told, "safe", 1)) == []


@given(st.recursive(st.none() | st.text() | st.integers(), lambda it: st.lists(it) | st.dictionaries(st.text(), it)))
def test_whatever_stands_in_the_list_is_a_copy_or_a_gap(entry):
    good = info()[0]["backup"][0]
    told = {
        **info()[0],
        "backup": [entry, {**good, "timestamp": entry}, {**good, "reference": entry}, {**good, "archive": entry}],
    }
    assert {type(thing) for thing in copies_of(told, "safe", 1)} <= {Copy, LookGap}


def test_a_healthy_report_says_valid_of_each():
    report = verified(outcome(HEALTHY))
    assert report.is_report
    assert report.faults == {FULL: (), DIFF: ()}
    assert (report.broken_wal, report.unnamed_wal) == (frozenset(), frozenset())


def test_a_sick_report_is_read_together_with_the_log():
    report = verified(outcome(SICK, LOG))
    missing, mismatch = report.faults[FULL]
    assert (missing.code, missing.place) == ("member-missing", f"{FULL}/pg_data/global/2964.gz")
    assert (mismatch.code, mismatch.place) == ("checksum-mismatch", f"{FULL}/pg_data/base/5/2838.gz")
    assert [(fault.code, fault.place) for fault in report.faults[DIFF]] == [("member-missing", "backup.manifest")]
    assert report.broken_wal == {"000000010000000000000008"}
    assert report.unnamed_wal == frozenset()


def test_broken_wal_that_is_not_named_puts_its_archive_under_suspicion():
    assert verified(outcome(SICK)).unnamed_wal == {"15-1"}


def test_no_words_are_no_report():
    assert not verified(outcome("")).is_report
    assert verified(outcome("")).faults == {}


def test_valid_with_fewer_valid_files_is_not_believed():
    assert verified(outcome(HEALTHY.replace("valid files: 967", "valid files: 966"))).faults[FULL]


def test_a_manifest_is_held_against_what_lies_there():
    assert file_faults(DIFF, MANIFEST, lambda label: STORED[label]) == []


@pytest.mark.parametrize(
    ("stored", "code", "place"),
    [
        ({FULL: {}, DIFF: STORED[DIFF]}, "member-missing", f"{FULL}/pg_data/PG_VERSION.gz"),
        ({FULL: STORED[FULL], DIFF: {**STORED[DIFF], "pg_data/a=b.gz": 194}}, "cut", f"{DIFF}/pg_data/a=b.gz"),
        ({FULL: {"pg_data/PG_VERSION.gz": 24}, DIFF: STORED[DIFF]}, "junk-appended", f"{FULL}/pg_data/PG_VERSION.gz"),
        ({FULL: STORED[FULL], DIFF: {"pg_data/a=b.gz": 195}}, "member-missing", f"{DIFF}/bundle/1"),
    ],
)
def test_a_file_that_differs_from_the_manifest_is_told(stored, code, place):
    (fault,) = file_faults(DIFF, MANIFEST, lambda label: stored[label])
    assert (fault.code, fault.place) == (code, place)


@given(st.text() | st.text().map(lambda text: f'[target:file]\npg_data/x={{{text}\noption-compress-type="gz"\n'))
def test_a_manifest_that_cannot_be_understood_proves_nothing(text):
    try:
        faults = file_faults(FULL, text, lambda label: {})
    except Unprovable:
        return
    assert isinstance(faults, list)


def test_segments_are_counted_over_the_end_of_a_log_file():
    names = list(segments_between("0000000200000001000000FE", "000000020000000200000001", 16 * MIB))
    assert [name[8:] for name in names] == [
        "00000001000000FE",
        "00000001000000FF",
        "0000000200000000",
        "0000000200000001",
    ]
    names = list(segments_between("00000002000000010000003F", "000000020000000200000000", 64 * MIB))
    assert len(names) == 2


@pytest.mark.parametrize(
    ("start", "stop"),
    [
        ("000000010000000000000003", "000000010000000000000002"),
        ("000000010000000000000003", "000000020000000000000003"),
        ("000000010000000000000003", "00000001FFFFFFFF00000003"),
        ("", "x"),
    ],
)
def test_what_is_no_range_proves_nothing(start, stop):
    with pytest.raises(Unprovable):
        list(segments_between(start, stop, 16 * MIB))


@given(st.integers(0, 2**38), st.integers(0, 50), st.sampled_from([1, 16, 1024]))
def test_a_range_has_as_many_segments_as_it_is_long(first, length, mebibytes):
    a_log = (1 << 32) // (mebibytes * MIB)
    first %= (1 << 32) * a_log - 100

    def name(number: int) -> str:
        return f"00000001{number // a_log:08X}{number % a_log:08X}"

    names = list(segments_between(name(first), name(first + length), mebibytes * MIB))
    assert len(set(names)) == length + 1
    assert names == sorted(names)


def test_wal_is_missing_or_there_twice():
    needed = ("000000010000000000000002", "000000010000000000000003", "000000010000000000000004")
    names = [
        f"{needed[0]}-{'a' * 40}.gz",
        f"{needed[2]}-{'a' * 40}",
        f"{needed[2]}-{'b' * 40}.zst",
        f"{needed[1]}.partial",
    ]
    found = [(fault.code, fault.place) for fault in wal_faults(needed, lambda folder: names)]
    assert found == [("wal-missing", needed[1]), ("wal-ambiguous", needed[2])]


def test_settings_say_what_they_want(tmp_path):
    with pytest.raises(ValueError, match="power of two"):
        Settings(stanza="shop", wal_segment_mib=17)
    assert "--no-config" in Settings(stanza="shop", path=tmp_path).switches()
    assert "--no-config" not in Settings(stanza="shop", path=tmp_path, config=tmp_path / "c").switches()
    assert "--no-config" not in Settings(stanza="shop").switches()

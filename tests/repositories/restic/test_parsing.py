"""What restic prints, recorded from 0.14 on small repositories."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.backup.copies import Copy, Fault
from itops.backup.repositories import LookGap
from itops.repositories.products import Product
from itops.repositories.restic import Settings
from itops.repositories.restic.checking import checked, is_broken_content, owners
from itops.repositories.restic.refusals import refusal
from itops.repositories.restic.snapshots import copies_of, gaps_of
from itops.secrets import Secret
from tests.repositories.outcomes import outcome

OLD, NEW = "40ba4951" * 8, "54f09d61" * 8
PACK = "d2d35cc8" * 8
SNAPSHOTS = f"""[{{"time":"2026-11-01T05:30:00.943726489+03:30","tree":"{"2ef89578" * 8}","paths":["/srv/db"],
"hostname":"db1","username":"root","tags":["shop"],"id":"{OLD}","short_id":"40ba4951"}},
{{"time":"2026-11-02T02:00:00Z","parent":"{OLD}","tree":"{"5735af59" * 8}","paths":["/srv/db","/etc"],
"hostname":"db1","username":"root","id":"{NEW}","short_id":"54f09d61"}}]"""
CLEAN = "check snapshots, trees and blobs\n[0:00] 100.00%  2 / 2 snapshots\n\nno errors were found\n"
FATAL = "Fatal: repository contains errors\n"
PRODUCT = Product(title="restic", program=("restic",))


def test_snapshots_become_copies():
    old, new = copies_of(json.loads(SNAPSHOTS), "safe", {"db1:/srv/db": "db1/shop"})
    assert old.catalogue.started_at == datetime(2026, 11, 1, 2, 0, 0, 943726, tzinfo=UTC)
    assert old.catalogue.utc_offset_minutes == 210
    assert (old.object, new.object) == ("db1/shop", None)
    assert (old.labels, new.labels) == ({"shop"}, frozenset())
    assert (new.catalogue.object, new.catalogue.facts["paths"]) == ("/srv/db,/etc", 2)


def test_newer_versions_tell_the_end_and_the_size():
    entry = json.loads(SNAPSHOTS)[0]
    entry["summary"] = {"backup_end": "2026-11-01T05:40:00+03:30", "total_bytes_processed": 1_100_000}
    (copy,) = copies_of([entry], "safe", {})
    assert copy.catalogue.finished_at == datetime(2026, 11, 1, 2, 10, tzinfo=UTC)
    assert copy.size_bytes == 1_100_000


def test_no_snapshot_at_all_is_null():
    assert list(copies_of(None, "safe", {})) == []


def test_a_dropped_snapshot_hides_what_it_was():
    said = "could not load snapshot 54f09d61: load <snapshot/54f09d61ad>: invalid data returned\n"
    (gap,) = gaps_of(said)
    assert (gap.subject, gap.hides) == ("snapshot 54f09d61", True)


@given(st.recursive(st.none() | st.text() | st.integers(), lambda it: st.lists(it) | st.dictionaries(st.text(), it)))
def test_whatever_stands_in_the_list_is_a_copy_or_a_gap(entry):
    assert {type(thing) for thing in copies_of([entry, {"id": OLD, "time": entry}], "safe", {})} <= {Copy, LookGap}


@pytest.mark.parametrize(
    ("said", "fault"),
    [
        (
            f"pack {PACK}: unexpected file size: got 100114, expected 100121\n",
            Fault(
                code="cut",
                place=f"pack {PACK}",
                facts={"missing_bytes": 7, "expected_bytes": 100121, "size_bytes": 100114},
            ),
        ),
        (
            f"pack {PACK}: unexpected file size: got 100130, expected 100121\n",
            Fault(code="junk-appended", place=f"pack {PACK}", facts={"extra_bytes": 9}),
        ),
        (f"pack {PACK}: does not exist\n", Fault(code="member-missing", place=f"pack {PACK}")),
        (
            f"Pack ID does not match, want {PACK}, got {OLD}\n",
            Fault(code="checksum-mismatch", place=f"pack {PACK}"),
        ),
        (
            f"pack {PACK} contains 1 errors: [blob {OLD}: ciphertext verification failed]\n",
            Fault(code="checksum-mismatch", place=f"pack {PACK}"),
        ),
        (
            f"pack {PACK} failed to download: StreamPack: open: no such file\n",
            Fault(code="member-unreadable", place=f"pack {PACK}"),
        ),
    ],
)
def test_a_broken_pack_is_told_with_what_is_wrong_with_it(said, fault):
    found = checked(outcome("check all packs\n", said + FATAL, 1))
    assert found.packs == {PACK: fault}
    assert (found.is_damaged, found.is_clean, found.general) == (True, False, ())


def test_a_broken_tree_concerns_everybody_and_retries_are_noise():
    said = (
        "Load(<data/e665224781>, 247, 429) returned error, retrying after 552.330144ms: EOF\n"
        f"error for tree 2ef89578:\n  id {OLD} not found in repository\n"
    )
    found = checked(outcome("", said + FATAL, 1))
    assert [fault.place for fault in found.general] == ["tree 2ef89578"]


def test_a_broken_snapshot_file_concerns_no_snapshot_that_is_listed():
    found = checked(outcome(CLEAN, "error: load <snapshot/54f09d61ad>: invalid data returned\n" + FATAL, 1))
    assert (found.packs, found.general, len(found.elsewhere)) == ({}, (), 1)


@pytest.mark.parametrize(
    ("run", "is_clean"),
    [
        (outcome(CLEAN), True),
        (outcome("check snapshots, trees and blobs\n"), False),  # a code is no answer
        (outcome(CLEAN, code=1), False),
    ],
)
def test_only_the_words_and_the_code_together_are_clean(run, is_clean):
    assert checked(run).is_clean is is_clean


@pytest.mark.parametrize(
    ("code", "said", "problem"),
    [
        (1, "Fatal: wrong password or no key found\n", "refuses the password"),
        (12, "", "refuses the password"),
        (
            1,
            "Fatal: unable to open config file: stat x: no such file\nIs there a repository at",
            "no restic repository",
        ),
        (10, "", "no restic repository"),
        (1, "unable to create lock in backend: repository is already locked exclusively by PID 653\n", "is busy"),
        (11, "", "is busy"),
        (1, "Fatal: unable to open repository: dial tcp: lookup nas: no such host", "cannot be reached"),
    ],
)
def test_each_reason_to_refuse_has_its_remedy(code, said, problem):
    refused = refusal(PRODUCT, outcome("", said, code))
    assert problem in refused.problem
    assert refused.remedy


LOCKED = """\
unable to create lock in backend: repository is already locked exclusively by PID 653 on db1 by root (UID 0, GID 0)
lock was created at 2026-11-22 22:59:58 (1.024791278s ago)
storage ID ea26b641
the `unlock` command can be used to remove stale locks
"""


def test_a_lock_is_told_in_one_line_with_the_place_and_with_who_holds_it():
    product = Product(title="restic", program=("restic",), environment={"RESTIC_REPOSITORY": "/mnt/nas/restic"})
    refused = refusal(product, outcome("", LOCKED, 1))
    assert refused.problem == (
        "the restic repository /mnt/nas/restic is busy: another restic has locked it: "
        "exclusively by PID 653 on db1 by root (UID 0, GID 0), since 2026-11-22 22:59:58"
    )
    assert "restic unlock" in refused.remedy


def test_every_refusal_is_one_line():
    assert "\n" not in refusal(PRODUCT, outcome("", "Fatal: wrong password\n\tor no key found\n", 1)).problem


@pytest.mark.parametrize(
    ("said", "is_broken"),
    [
        ("ignoring error for /srv/new.bin: ciphertext verification failed\n", True),
        (f"ignoring error for /: decrypting blob {OLD} failed: ciphertext verification failed\n", True),
        ("Fatal: load <index/fae450f4c8>: invalid data returned\n", True),
        ("creating restorer failed: load <snapshot/e3cebc2c9c>: invalid data returned\n", True),
        ("ignoring error for /srv/new.bin: StreamPack: ReadFull: unexpected EOF\n", False),  # or the network broke off
        ("ignoring error for /srv/new.bin: write: no space left on device\n", False),
        ("ignoring error for /srv/new.bin: UtimesNano: no such file or directory\n", False),
        (f'invalid id "{OLD}": no matching ID found for prefix "{OLD}"\n', False),
    ],
)
def test_only_what_was_read_and_is_wrong_is_plainly_broken(said, is_broken):
    assert is_broken_content(outcome("", said + "Fatal: There were 2 errors\n", 1)) is is_broken


def test_damage_is_no_refusal():
    assert refusal(PRODUCT, outcome("", FATAL, 1)) is None
    assert refusal(PRODUCT, outcome("", "already locked", 0)) is None


def test_snapshots_own_the_packs_that_they_need():
    packs = {"a": Fault(code="cut"), "b": Fault(code="member-missing")}
    users = {"a": {OLD, NEW}, "b": {NEW}}
    assert owners(packs, users.get) == {OLD: (packs["a"],), NEW: (packs["a"], packs["b"])}


def test_one_pack_that_nobody_is_known_to_need_leaves_all_under_suspicion():
    packs = {"a": Fault(code="cut"), "b": Fault(code="cut")}
    assert owners(packs, {"a": {OLD}, "b": set()}.get) is None
    assert owners(packs, {"a": {OLD}}.get) is None


def test_settings_want_one_place_and_no_password_in_it(tmp_path):
    for wrong in ({}, {"path": tmp_path, "address": "sftp:nas:/x"}, {"address": "rest:http://a:b@nas"}):
        with pytest.raises(ValueError, match="address"):
            Settings(**wrong)
    with pytest.raises(ValueError, match="program"):
        Settings(path=tmp_path, program=())
    product = Settings(address="sftp:nas:/x", password=Secret("p"), secrets={"AWS": Secret("q")}).product()
    assert set(product.secrets) == {"RESTIC_PASSWORD", "AWS"}

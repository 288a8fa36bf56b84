"""What borg prints, recorded from 1.2 on small repositories."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.backup.copies import Copy
from itops.backup.repositories import LookGap
from itops.repositories.borg import Settings
from itops.repositories.borg.archives import copies_of, moment
from itops.repositories.borg.messages import faults, messages, refusal
from itops.repositories.products import Product
from tests.repositories.outcomes import outcome

PRODUCT = Product(title="borg", program=("borg",))
LIST = {
    "archives": [
        {
            "archive": "db1-shop-2026-11-02",
            "end": "2026-11-02T02:00:09.000000",
            "hostname": "db1",
            "id": "ed69950a31fa682a",
            "name": "db1-shop-2026-11-02",
            "start": "2026-11-02T02:00:00.000000",
            "time": "2026-11-02T02:00:00.000000",
        },
        {"id": "144c94d50dd54c51", "name": "db1-shop-2026-11-03.checkpoint.1", "time": "2026-11-03T02:00:00.000000"},
    ],
    "encryption": {"mode": "repokey"},
    "repository": {"id": "d1a9b233623c5a1e", "location": "/srv/borg"},
}


def said(message: str, id: str = "", level: str = "ERROR") -> str:  # noqa: A002  borg's word
    told = {"type": "log_message", "message": message, "levelname": level, "name": "borg", "msgid": id}
    return json.dumps(told) + "\n"


def test_archives_become_copies_and_checkpoints_are_unfinished():
    copy, left_over = copies_of(LIST, "safe")
    assert (copy.key, copy.fingerprint, copy.catalogue.server) == ("db1-shop-2026-11-02", "ed69950a31fa682a", "db1")
    assert copy.catalogue.finished_at == datetime(2026, 11, 2, 2, 0, 9, tzinfo=UTC)
    assert [fault.code for fault in left_over.faults] == ["unfinished"]
    assert copy.faults == ()


@pytest.mark.parametrize(
    "text", ["2026-11-02T02:00:00.000000", "2026-11-02T02:00:00.000000+00:00", "2026-11-02T05:30:00+03:30"]
)
def test_a_time_without_a_zone_is_utc_for_we_asked_in_utc(text):
    assert moment(text) == datetime(2026, 11, 2, 2, tzinfo=UTC)


@given(st.recursive(st.none() | st.text() | st.integers(), lambda it: st.lists(it) | st.dictionaries(st.text(), it)))
def test_whatever_stands_in_the_list_is_a_copy_or_a_gap(entry):
    answer = {"archives": [entry, {"name": "a", "id": "b", "time": entry}]}
    assert {type(thing) for thing in copies_of(answer, "safe")} <= {Copy, LookGap}


@given(st.text())
def test_any_stderr_is_messages(text):
    assert all(message.text for message in messages(text))


def test_lines_that_are_not_json_are_messages_too():
    plain, told = messages("Warning: moved\n" + said("Repository x does not exist.", "Repository.DoesNotExist"))
    assert (plain.text, plain.level) == ("Warning: moved", "")
    assert (told.id, told.level) == ("Repository.DoesNotExist", "ERROR")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (said("Failed to create/acquire the lock lock.exclusive (timeout).", "LockTimeout"), "is busy"),
        (said("passphrase supplied in BORG_PASSPHRASE is incorrect", "PassphraseWrong"), "refuses the passphrase"),
        (said("Cache, or information ... is newer than repository", "Cache.RepositoryReplay"), "is older than"),
        (said("Repository access aborted", "Cache.RepositoryAccessAborted"), "lies elsewhere"),
        (said("Cache initialization aborted", "Cache.CacheInitAbortedError"), "is not encrypted"),
        (said("/srv/x is not a valid repository. Check repo config."), "no borg repository"),
        (said("Repository /srv/x does not exist.", "Repository.DoesNotExist"), "no borg repository"),
        (said("Connection closed by remote host", "ConnectionClosed"), "cannot be reached"),
    ],
)
def test_each_reason_to_refuse_has_its_remedy(text, problem):
    refused = refusal(PRODUCT, outcome("", text, 2))
    assert problem in refused.problem
    assert refused.remedy


def test_a_warning_that_a_repository_moved_is_no_refusal():
    text = "Warning: The repository at location /srv/b was previously located at /srv/a\n"
    assert refusal(PRODUCT, outcome("", text + said("Local Exception"), 2)) is None
    assert refusal(PRODUCT, outcome("", said("Data integrity error: x"), 1)) is None


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        (
            "Data integrity error: Segment entry checksum mismatch [segment 2, offset 300092]",
            "checksum-mismatch",
            "segment 2, offset 300092",
        ),
        (
            "Data integrity error: Segment entry data short read [segment 2, offset 1100948]: expected 542, got 537",
            "cut",
            "segment 2, offset 1100948",
        ),
        ("Data integrity error: Invalid segment magic [segment 8, offset 0]", "checksum-mismatch", None),
        ("Index object count mismatch.", "member-missing", "segments"),
        ("srv/new.bin: Missing file chunk detected (Byte 0-200000)", "structure-damaged", None),
        ("something nobody has seen", "reported-damaged", ""),
    ],
)
def test_what_a_check_found_is_told(text, code, place):
    (fault,) = faults(outcome("", said(text), 1))
    assert fault.code == code
    assert place is None or fault.place == place


def test_settings_pass_what_was_allowed_and_nothing_else(tmp_path):
    plain = Settings(address="ssh://backup@nas/./shop").product().environment
    assert plain["BORG_RELOCATED_REPO_ACCESS_IS_OK"] == plain["BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK"] == "no"
    assert plain["TZ"] == "UTC"
    allowed = Settings(address="ssh://backup@nas/./shop", allow_relocated=True, base_folder=tmp_path).product()
    assert allowed.environment["BORG_RELOCATED_REPO_ACCESS_IS_OK"] == "yes"
    assert allowed.environment["BORG_BASE_DIR"] == str(tmp_path)
    with pytest.raises(ValueError, match="either path or address"):
        Settings()

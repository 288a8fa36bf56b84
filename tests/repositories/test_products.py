"""What the repositories of products share."""

import json
from pathlib import Path

import pytest

from itops.backup.copies import Copy, Fault
from itops.backup.levels import Level
from itops.errors import SourceUnavailable
from itops.repositories.products import (
    Finding,
    Product,
    Report,
    joined_ids,
    local_folder,
    of_what_is_listed,
    refuse_other_repository,
    refuse_password_in,
    restored_place,
    version_parts,
)
from itops.secrets import Secret
from tests.repositories.outcomes import outcome

SECRETIVE = Product(title="it", program=("it",), secrets={"PASSWORD": Secret("correct horse")})


def copy(key: str, fingerprint: str = "same", *faults: str) -> Copy:
    marks = tuple(Fault(code=code) for code in faults)
    return Copy(repository="safe", key=key, fingerprint=fingerprint, faults=marks)


def test_a_secret_reaches_the_environment_of_the_program_and_no_argument():
    script = "import json, os, sys; print(json.dumps([os.environ['PASSWORD'], sys.argv[1:]]))"
    product = Product(title="python", program=("python3", "-c", script), secrets={"PASSWORD": Secret("correct horse")})
    run = product.run("an argument", seconds=30)
    assert json.loads(run.text) == ["correct horse", ["an argument"]]
    assert "correct horse" not in repr(run.arguments)
    assert "correct horse" not in repr(product)


def test_what_a_program_says_is_quoted_without_secrets_and_from_its_end():
    assert SECRETIVE.quote("no ", "", "key correct horse fits") == "no\nkey *** fits"
    quoted = SECRETIVE.quote("x" * 5000 + "the reason")
    assert quoted.endswith("the reason")
    assert len(quoted) < 2100


def test_an_answer_that_is_no_json_is_said():
    for broken in (outcome("Traceback ..."), outcome("[" * 100_000), outcome("{}", is_cut=True), outcome()):
        with pytest.raises(SourceUnavailable) as failure:
            SECRETIVE.json_of(broken, "of its backups")
        assert failure.value.remedy


def test_a_program_that_took_too_long_is_said_to_have():
    assert "did not finish" in SECRETIVE.failed(outcome(is_timeout=True), "to list", remedy="wait").problem


def test_what_the_product_no_longer_lists_is_gone_whatever_its_check_says():
    listed = {"here": copy("here"), "changed": copy("changed", "other"), "bad": copy("bad", "same", "unfinished")}
    report = Report(others=Finding(level=Level.INTACT))
    asked = [copy(key) for key in ("here", "gone", "changed", "bad")]
    found = [finding for _, finding in of_what_is_listed(asked, listed, report)]
    assert [finding.level for finding in found] == [Level.INTACT, None, None, Level.SEEN]
    assert [fault.code for finding in found for fault in finding.faults] == ["gone", "unfinished"]
    assert [limit.code for finding in found for limit in finding.limits] == ["changed-since-look"]


@pytest.mark.parametrize(
    ("address", "is_refused"),
    [
        ("rest:https://itops:secret@nas/shop", True),
        ("ssh://backup@nas/./shop", False),
        ("sftp:backup@nas:/srv/shop", False),
        (None, False),
    ],
)
def test_a_password_has_no_place_in_an_address(address, is_refused):
    if is_refused:
        with pytest.raises(ValueError, match="password"):
            refuse_password_in(address, "address")
    else:
        refuse_password_in(address, "address")


def test_a_folder_that_is_not_there_or_empty_is_a_disk_that_is_not_mounted(tmp_path):
    for folder in (tmp_path / "no", tmp_path):
        with pytest.raises(SourceUnavailable, match=r"is empty|is not there") as failure:
            local_folder(folder, "path")
        assert "`path`" in failure.value.remedy
    (tmp_path / "config").touch()
    assert local_folder(tmp_path, "path") == tmp_path


def test_another_repository_is_refused_only_when_both_are_known():
    refuse_other_repository({}, "new", "borg")
    refuse_other_repository({"repository_id": "old"}, None, "borg")
    refuse_other_repository({"repository_id": "old"}, "old", "borg")
    with pytest.raises(SourceUnavailable, match="another borg repository"):
        refuse_other_repository({"repository_id": "old"}, "new", "borg")


def test_versions_compare_by_their_numbers():
    assert version_parts("2.9") < version_parts("2.39") < version_parts("2.45.1")
    assert version_parts("") == ()


def test_ids_are_remembered_in_an_order_of_their_own_and_not_without_end():
    assert joined_ids(["b", "a"]) == joined_ids(["a", "b"]) == "a,b"
    assert joined_ids(map(str, range(5000))).count(",") == 1999


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("/srv/db/dump.sql", "srv/db/dump.sql"),
        ("/home/x/srv/db", "srv/db"),  # it was backed up by a relative name
        ("/nowhere", ""),
        ("/srv/../srv/db", ""),
        ("/link/db", "db"),
    ],
)
def test_what_came_back_is_found_and_links_are_not_followed(tmp_path, path, found):
    (tmp_path / "srv" / "db").mkdir(parents=True)
    (tmp_path / "srv" / "db" / "dump.sql").touch()
    (tmp_path / "db").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "srv")
    assert restored_place(tmp_path, path) == tmp_path / found
    assert restored_place(tmp_path, path) == Path(tmp_path, found)

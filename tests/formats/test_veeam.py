"""Veeam chains, by simulations of both layouts of a .vbm."""

from datetime import UTC, datetime
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.backup.levels import Level
from itops.formats.veeam import VeeamChain, VeeamVbm
from tests.formats.disks.looking import codes, folder, lone, looked
from tests.makers.damages import DAMAGES
from tests.makers.veeam_folder import SIZES, vbm

FULL, INCREMENT = (f"insurance01.{name}" for name in SIZES)
INNER = f"""<Vbm Id="v" JobId="j" JobName="Nightly" JobType="0"><Vms><Vm Name="insurance01"/></Vms>
<JobPoints><Point Id="p" CreationTimeUtc="11/21/2026 17:00:00.000"/></JobPoints>
<Storages><Storage Id="s" FileName="{FULL}" CreationTimeUtc="11/21/2026 17:00:05" BlockSize="1"><Stats>
<BackupSize>3000000</BackupSize></Stats></Storage></Storages></Vbm>"""
OLDER = f'<BackupMeta Version="36"><Ids><string>x</string></Ids><Meta>{escape(INNER)}</Meta></BackupMeta>'


def job(**changes: bytes | None) -> dict[str, bytes]:
    files: dict[str, bytes | None] = {
        "Nightly.vbm": vbm("insurance01").encode(),
        FULL: b"v" * 3_000_000,
        INCREMENT: b"i" * 50_000,
    }
    return {name: data for name, data in {**files, **changes}.items() if data is not None}


def test_a_whole_chain_is_complete_and_tells_job_machine_and_newest_point() -> None:
    found = looked(folder(job()), VeeamChain())
    assert (found.format, found.level, codes(found)) == ("veeam-chain", Level.COMPLETE, ["no-checksums"])
    assert found.identity is not None
    assert found.identity.object == "insurance01"
    assert found.identity.finished_at == datetime(2026, 11, 21, 17, 0, 5, tzinfo=UTC)
    facts = {"job": "Nightly", "points": 2, "storages": 2, "full_backups": 1, "unlisted_files": 0}
    assert facts.items() <= found.identity.facts.items()


def test_the_older_layout_keeps_a_document_in_a_text() -> None:
    found = looked(folder(job(**{"Nightly.vbm": OLDER.encode("utf-16"), INCREMENT: None})), VeeamChain())
    assert (found.level, codes(found)) == (Level.COMPLETE, ["no-checksums"])
    assert found.identity is not None
    assert (found.identity.object, found.identity.facts["job"]) == ("insurance01", "Nightly")
    assert found.identity.finished_at == datetime(2026, 11, 21, 17, 0, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("files", "code"),
    [
        pytest.param(job(**{FULL: None}), "member-missing", id="the full backup is gone"),
        pytest.param(job(**{INCREMENT: b""}), "empty", id="an increment is empty"),
        pytest.param(job(**{FULL: bytes(3_000_000)}), "all-zero", id="a full backup of zeros"),
        pytest.param(
            job(**{"Nightly.vbm": vbm("x").replace("3000000", "9000000").encode()}), "member-missing", id="names"
        ),
        pytest.param(job(**{"Nightly.vbm": vbm("insurance01")[:700].encode()}), "unfinished", id="a cut .vbm"),
        pytest.param(job(**{"Nightly.vbm": b""}), "empty", id="an empty .vbm"),
        pytest.param(job(**{"Nightly.vbm": bytes(900)}), "all-zero", id="a .vbm of zeros"),
        pytest.param(job(**{"Nightly.vbm": b"<html></html>"}), "not-its-format", id="a web page"),
        pytest.param(job(**{"Nightly.vbm": b"\x93\x11" * 500}), "encrypted", id="not readable at all"),
        pytest.param(job(**{"Nightly.vbm": b"<BackupMeta>QUJD</BackupMeta>"}), "encrypted", id="names nothing"),
        pytest.param(job(**{"Nightly.vbm": b"<!DOCTYPE a><BackupMeta/>"}), "document-type", id="a DTD"),
        pytest.param(
            job(**{"Nightly.vbm": vbm("insurance01").replace("3000000", "9000000").encode()}), "cut", id="far too short"
        ),
        pytest.param(
            job(**{"Nightly.vbm": vbm("insurance01").replace("3000000", "3000900").encode()}),
            "size-differs",
            id="a little shorter than counted",
        ),
    ],
)
def test_what_is_found(files: dict[str, bytes], code: str) -> None:
    assert codes(looked(folder(files), VeeamChain()))[0] == code


def test_encrypted_storages_are_counted() -> None:
    text = vbm("insurance01", key="4a5b6c7d-0000-0000-0000-000000000001")
    found = looked(folder(job(**{"Nightly.vbm": text.encode()})), VeeamChain())
    assert found.identity is not None
    assert found.identity.facts["encrypted_storages"] == 2


def test_files_that_no_vbm_names_are_a_fact() -> None:
    found = looked(folder(job(**{"old.vbk": b"x"})), VeeamChain())
    assert found.identity is not None
    assert found.identity.facts["unlisted_files"] == 1


def test_a_lone_vbm_tells_whose_it_is_and_proves_no_more() -> None:
    found = looked(lone(vbm("insurance01").encode(), "Nightly.vbm"), VeeamVbm())
    assert (found.format, found.level, codes(found)) == ("veeam-vbm", Level.IDENTIFIED, ["data-elsewhere"])


def test_a_lone_encrypted_vbm_is_not_called_damaged() -> None:
    assert looked(lone(b"\x93\x11" * 500, "Nightly.vbm"), VeeamVbm()).faults == ()


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_vbm_is_never_complete_unless_it_reads_the_same(damage: str) -> None:
    """The last line feed, carriage returns and one bit of a name mean nothing to the chain."""
    found = looked(folder(job(**{"Nightly.vbm": DAMAGES[damage](job()["Nightly.vbm"])})), VeeamChain())
    harmless = {"cut by 1 byte", "CRLF-mangled", "one bit flipped in the header", "one bit flipped in the middle"}
    assert (found.level is Level.COMPLETE) <= (damage in harmless)


@given(st.integers(0, 900), st.binary(max_size=30), st.integers(0, 2000))
def test_garbage_is_damage(place: int, value: bytes, length: int) -> None:
    for text in (vbm("insurance01"), OLDER):
        data = bytearray(text.encode())
        data[place : place + len(value)] = value
        looked(folder(job(**{"Nightly.vbm": bytes(data[:length])})), VeeamChain())
        looked(lone(bytes(data[:length])), VeeamVbm())

"""The register of media, summed up for the controls."""

from dataclasses import replace

from itops.backup.controls.media import custody_facts
from itops.backup.custody.register import register_of
from tests.backup.custody.building import (
    CALENDAR,
    M1,
    PLAN,
    added,
    at,
    file,
    moved,
    received,
    register,
    rows_of,
    sealed,
    written,
)

DEPOSITED = (added(), written(M1, 1, file()), sealed(), moved(), received())


def test_a_medium_in_the_bank_is_in_the_vault_with_what_is_on_it():
    found = custody_facts(register(*DEPOSITED), PLAN, CALENDAR, at(3))
    [medium] = found.media
    assert (medium.medium, medium.kind, medium.place, medium.is_in_vault) == (M1, "hdd", "bank", True)
    [copy] = found.copies
    assert (copy.medium, copy.object, copy.slots, copy.sha256) == (M1, "sql01/Insurance", ("1405-06",), "ab" * 32)


def test_a_medium_on_its_way_is_nowhere():
    [medium] = custody_facts(register(*DEPOSITED[:-1]), PLAN, CALENDAR, at(3)).media
    assert (medium.is_in_transit, medium.is_in_vault) == (True, False)


def test_a_file_of_no_job_is_no_copy():
    stray = written(M1, 1, file(job="", object=""))
    assert custody_facts(register(added(), stray), PLAN, CALENDAR, at(3)).copies == ()


def test_the_key_of_an_encrypted_medium_is_told_by_its_id_or_else_by_its_method():
    with_id = custody_facts(register(added(encryption="LUKS", key_id="k1")), PLAN, CALENDAR, at(3)).media[0]
    without = custody_facts(register(added(encryption="LUKS")), PLAN, CALENDAR, at(3)).media[0]
    plain = custody_facts(register(added()), PLAN, CALENDAR, at(3)).media[0]
    assert (with_id.key_id, without.key_id, plain.key_id) == ("k1", "LUKS", "")


def test_a_changed_row_breaks_the_chain_and_the_head_is_told():
    rows = rows_of(DEPOSITED)
    whole = custody_facts(register_of(rows), PLAN, CALENDAR, at(3)).chain
    assert (whole.rows, whole.head, whole.head_at, whole.broken_at) == (5, rows[-1].hash, DEPOSITED[-1].at, None)
    forged = [*rows[:2], replace(rows[2], document=rows[2].document.replace("A-100", "A-101")), *rows[3:]]
    assert custody_facts(register_of(forged), PLAN, CALENDAR, at(3)).chain.broken_at == 3


def test_what_the_register_finds_wrong_is_handed_on():
    found = custody_facts(register(*DEPOSITED[:-1]), PLAN, CALENDAR, at(30))
    assert "in-transit" in {one.code for one in found.findings}

"""C12, C13 and C18."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from itops.backup.controls.facts import AccessFacts, ChainFacts, CustodyFacts, MediumFacts, RepositoryFacts
from itops.backup.controls.policy import Accounts, AccountsSetting, ControlsPolicy, KeySetting
from itops.backup.copies import Identity
from itops.backup.judgement.verdicts import BackupFinding
from itops.backup.policy import Place
from itops.backup.proofs import Limit
from itops.verdict import State
from tests.backup.controls.office import (
    CRITICAL,
    FULL,
    NAS,
    NOT_EVALUATED,
    OK,
    WARNING,
    codes,
    evidence,
    facts,
    told,
    verdict,
)
from tests.backup.judgement.factory import NOW, at, copy

CLOSED = AccessFacts(checked_at=NOW, mode="0750", owner="backup", is_readable_by_all=False, is_writable_by_all=False)
OPEN = replace(CLOSED, mode="0755", is_readable_by_all=True, example="Insurance.bak")
SHARE = AccessFacts(checked_at=NOW, mode="0777", owner="root", problem="share")
APART = AccountsSetting(
    makes=Accounts(["svc-backup"]), deletes=Accounts(["vault-admin"]), administers=Accounts(["OFFICE\\admin"])
)


def guarded(access: AccessFacts | None = CLOSED, *, copies: Any = FULL, encrypted: bool | None = None, **policy: Any):
    nas = replace(NAS, access=access, is_encrypted=encrypted)
    given = {"accounts": APART, **policy}
    return facts(copies, repositories=(nas,), policy=ControlsPolicy(**given))


@pytest.mark.parametrize(
    ("of", "state", "reason"),
    [
        pytest.param(guarded(), OK, "access-closed", id="closed, and the accounts are apart"),
        pytest.param(guarded(OPEN), CRITICAL, "readable-by-all", id="everybody reads it"),
        pytest.param(guarded(SHARE), WARNING, "access-unseen", id="a share says nothing of its rights"),
        pytest.param(guarded(None), WARNING, "access-unseen", id="a server says nothing of its rights"),
        pytest.param(guarded(SHARE, access_reviewed=date(2026, 3, 1)), OK, "review-current", id="somebody looked"),
        pytest.param(
            guarded(SHARE, access_reviewed=date(2025, 3, 1)), WARNING, "review-overdue", id="somebody looked long ago"
        ),
        pytest.param(guarded(accounts=AccountsSetting()), WARNING, "administrators-untold", id="accounts not told"),
        pytest.param(
            guarded(accounts=replace(APART, administers=Accounts(["SVC-Backup"]))), CRITICAL, "account-administers",
            id="one account for all, in other letters",
        ),
        pytest.param(
            guarded(SHARE, accounts=AccountsSetting()), NOT_EVALUATED, "access-unseen", id="nothing of it is known"
        ),
        pytest.param(guarded(needs_encryption=True), WARNING, "encryption-untold", id="nothing tells of encryption"),
        pytest.param(guarded(needs_encryption=True, encrypted=True), OK, "access-closed", id="all encrypted"),
        pytest.param(guarded(needs_encryption=True, encrypted=False), CRITICAL, "not-encrypted", id="in the plain"),
        pytest.param(guarded(encrypted=False), OK, "access-closed", id="in the plain, and nobody asked for more"),
    ],
)  # fmt: skip
def test_copies_are_protected_as_the_originals_are(of, state, reason):
    assert told(verdict("C12", of)) == (state, reason)


def test_whether_copies_are_encrypted_is_told_in_any_case():
    sealed = copy("11-21 22:00", header=Identity(started_at=at("11-21 22:00"), facts={"is_encrypted": True}))
    plain = copy("11-21 22:30", header=Identity(started_at=at("11-21 22:30"), facts={"is_encrypted": False}))
    mute = copy("11-21 23:30")
    locked = copy("11-21 23:45")
    locked = replace(locked, proofs=tuple(_locked(locked)))
    found = verdict("C12", guarded(copies=[sealed, plain, mute, locked]))
    assert evidence(found, "encryption") == [{"encrypted": 2, "plain": 1, "untold": 1}]


def _locked(known):

    limit = Limit(code="encrypted")
    return (replace(one, examination=replace(one.examination, limits=(limit,))) for one in known.proofs)


def key(**more: Any) -> KeySetting:
    given = {"id": "borg-main", "escrow": "notary", "opens": ("nas",), "tested": date(2026, 6, 1), **more}
    return KeySetting(**given)


@pytest.mark.parametrize(
    ("of", "state", "reason"),
    [
        pytest.param(guarded(keys=(key(),), encrypted=True), OK, "review-current", id="kept and tried"),
        pytest.param(guarded(encrypted=True), CRITICAL, "key-unregistered", id="an encrypted place and no key"),
        pytest.param(
            guarded(keys=(key(opens=("other",)),), encrypted=True), CRITICAL, "key-unregistered", id="a key of another"
        ),
        pytest.param(guarded(keys=(key(escrow=" "),)), CRITICAL, "key-without-escrow", id="kept nowhere"),
        pytest.param(guarded(keys=(key(tested=None),)), NOT_EVALUATED, "review-unrecorded", id="never tried"),
        pytest.param(guarded(keys=(key(tested=date(2025, 6, 1)),)), WARNING, "review-overdue", id="tried last year"),
        pytest.param(guarded(), NOT_EVALUATED, "no-keys", id="nothing is known to be encrypted"),
        pytest.param(guarded(encrypted=False), NOT_EVALUATED, "no-keys", id="nothing is encrypted"),
    ],
)
def test_a_key_is_kept_elsewhere_and_was_tried(of, state, reason):
    assert told(verdict("C13", of)) == (state, reason)


def test_what_the_register_says_of_the_keys_of_media_belongs_here():
    chain = ChainFacts(name="custody", rows=2, head="9" * 64, head_at=NOW)
    sealed = MediumFacts(medium="M0001-7", kind="hdd", place="bank", since=NOW, key_id="luks-1", key_escrow="bank")
    beside = BackupFinding(code="escrow-beside", state=State.CRITICAL, subject="M0001-7")
    late = BackupFinding(code="test-read-overdue", state=State.WARNING, subject="M0001-7")
    bad = facts(FULL, custody=CustodyFacts(chain=chain, media=(sealed,), findings=(beside, late)))
    good = facts(FULL, custody=CustodyFacts(chain=chain, media=(sealed,), findings=(late,)))
    assert told(verdict("C13", bad)) == (CRITICAL, "media-keys")
    assert told(verdict("C13", good)) == (OK, "media-keys-kept")
    assert told(verdict("C14", bad)) == (WARNING, "register-wrong")


@pytest.mark.parametrize(
    ("of", "state", "reason"),
    [
        pytest.param(guarded(), OK, "duties-separate", id="two accounts"),
        pytest.param(guarded(accounts=AccountsSetting()), NOT_EVALUATED, "accounts-untold", id="nobody said"),
        pytest.param(
            guarded(accounts=AccountsSetting(makes=Accounts(["a"]))), NOT_EVALUATED, "accounts-untold", id="half said"
        ),
        pytest.param(
            guarded(accounts=replace(APART, deletes=Accounts(["other", "Svc-Backup"]))), CRITICAL, "duties-shared",
            id="one account does both",
        ),
        pytest.param(
            guarded(replace(CLOSED, mode="0777", is_writable_by_all=True)), CRITICAL, "writable-by-all",
            id="everybody may delete",
        ),
    ],
)  # fmt: skip
def test_who_makes_copies_cannot_delete_them(of, state, reason):
    assert told(verdict("C18", of)) == (state, reason)


def test_the_last_deletions_are_listed_the_newest_first():
    gone = [replace(one, gone_at=at(f"11-1{5 + number} 08:00")) for number, one in enumerate(FULL[:3])]
    found = verdict("C18", guarded(copies=[*gone, *FULL[3:]]))
    rows = [row for row in found.evidence if row.code == "copy-gone"]
    assert [row.at for row in rows] == [at("11-17 08:00"), at("11-16 08:00"), at("11-15 08:00")]


def test_every_repository_that_everybody_reads_is_counted():
    open_ones = (replace(NAS, access=OPEN), RepositoryFacts(name="b", box="b", place=Place(), access=OPEN))
    found = verdict("C12", facts(FULL, repositories=open_ones, policy=ControlsPolicy(accounts=APART)))
    assert (found.facts["repositories"], found.facts["first"]) == (2, "nas")
    assert "access-unseen" not in codes(found)

"""C12, C13, C18: who may read the copies, who can open them, who may delete them?"""

from collections.abc import Iterator, Sequence
from datetime import datetime

from itops.backup.controls.facts import AccessFacts, ControlFacts, RepositoryFacts
from itops.backup.controls.policy import KeySetting
from itops.backup.controls.proofs import is_encrypted
from itops.backup.controls.reviews import reviewed
from itops.backup.controls.verdicts import (
    Evidence,
    Found,
    Reason,
    as_bad_as,
    critical,
    not_evaluated,
    ok,
)
from itops.facts import Fact
from itops.verdict import worst

_SHOWN = 10
_KEY_FINDINGS = ("escrow-missing", "escrow-beside", "escrow-untested")


def copies_protected(facts: ControlFacts, now: datetime) -> Iterator[Found]:
    """C12: not open to everybody, and not under the account that could lose original and copy at once."""
    places = [held for held in facts.repositories if held.holds_copies]
    yield from _access(places, facts, now)
    yield from _same_account(facts)
    yield from _encryption(places, facts)


def _access(places: Sequence[RepositoryFacts], facts: ControlFacts, now: datetime) -> Iterator[Found]:
    open_ones: list[tuple[str, AccessFacts]] = []
    closed: list[str] = []
    unseen: list[str] = []
    for held in places:
        access = held.access
        if access is None or access.is_readable_by_all is None:
            unseen.append(held.name)
            continue
        if access.is_readable_by_all:
            open_ones.append((held.name, access))
        else:
            closed.append(held.name)
        told: dict[str, Fact] = {"mode": access.mode, "owner": access.owner}
        yield Evidence(code="access-read", at=access.checked_at, source=held.name, facts=told)
    if open_ones:
        name, access = open_ones[0]
        yield critical("readable-by-all", repositories=len(open_ones), first=name, example=access.example)
    if closed:
        yield ok("access-closed", repositories=len(closed))
    if unseen:
        yield from _unseen(unseen, facts, now)


def _unseen(names: Sequence[str], facts: ControlFacts, now: datetime) -> Iterator[Found]:
    """Shares and servers do not tell who may read them; somebody has to look there, and write down when."""
    on = facts.policy.access_reviewed
    if on is None:
        yield not_evaluated("access-unseen", repositories=len(names), first=names[0])
        return
    yield reviewed(", ".join(names), on, facts.policy.review_every, facts.today(now))
    told = {"repositories": ", ".join(names), "done_on": on.isoformat()}
    yield Evidence(code="access-reviewed", at=None, source="itops.yaml", facts=told)


def _same_account(facts: ControlFacts) -> Iterator[Found]:
    accounts = facts.policy.accounts
    if not accounts.makes or not accounts.administers:
        yield not_evaluated("administrators-untold")
        return
    shared = _shared(accounts.makes, accounts.administers)
    yield critical("account-administers", account=shared) if shared else ok("account-apart")
    told = {"makes": ", ".join(accounts.makes), "administers": ", ".join(accounts.administers)}
    yield Evidence(code="accounts-told", at=None, source="itops.yaml", facts=told)


def _shared(one: Sequence[str], other: Sequence[str]) -> str | None:
    names = {name.casefold() for name in other}
    return next((name for name in one if name.casefold() in names), None)


def _encryption(places: Sequence[RepositoryFacts], facts: ControlFacts) -> Iterator[Found]:
    """Told of every repository; demanded only where the plan says so."""
    plain, untold = [], []
    for held in places:
        answers = _answers(held, facts)
        if not answers:
            continue
        told: dict[str, Fact] = {
            "encrypted": answers.count(True),
            "plain": answers.count(False),
            "untold": answers.count(None),
        }
        yield Evidence(code="encryption", at=_seen_at(held.name, facts), source=held.name, facts=told)
        if False in answers:
            plain.append(held.name)
        elif None in answers:
            untold.append(held.name)
    if not facts.policy.needs_encryption:
        return
    if plain:
        yield critical("not-encrypted", repositories=len(plain), first=plain[0])
    if untold:
        yield not_evaluated("encryption-untold", repositories=len(untold), first=untold[0])


def _answers(held: RepositoryFacts, facts: ControlFacts) -> list[bool | None]:
    copies = [known for known in facts.copies if known.is_here and known.copy.repository == held.name]
    if held.is_encrypted is not None:
        return [held.is_encrypted] * len(copies)
    return [is_encrypted(known) for known in copies]


def _seen_at(repository: str, facts: ControlFacts) -> datetime | None:
    look = facts.last_look(repository)
    return None if look is None else look.looked_at


def keys_recoverable(facts: ControlFacts, now: datetime) -> Iterator[Found]:
    """C13: every key is kept elsewhere, and something was restored with it lately."""
    keys = facts.policy.keys
    locked = [held.name for held in facts.repositories if held.holds_copies and True in _answers(held, facts)]
    opened = {name for key in keys for name in key.opens}
    media = [held for held in facts.custody.media if held.key_id] if facts.custody else []
    if not keys and not locked and not media:
        yield not_evaluated("no-keys")
        return
    without = [name for name in locked if name not in opened]
    if without:
        yield critical("key-unregistered", repositories=len(without), first=without[0])
    for key in keys:
        yield from _key(key, facts, now)
    if facts.custody is not None:
        yield from _keys_of_media(facts)
    for medium in media:
        told = {"key": medium.key_id, "medium": medium.medium, "escrow": medium.key_escrow or "-"}
        yield Evidence(code="medium-key", at=medium.key_tested_at, source="register", facts=told)


def _key(key: KeySetting, facts: ControlFacts, now: datetime) -> Iterator[Found]:
    if not key.escrow.strip():
        yield critical("key-without-escrow", key=key.id)
    yield reviewed(key.id, key.tested, facts.policy.key_test_every, facts.today(now))
    told: dict[str, Fact] = {"key": key.id, "escrow": key.escrow, "opens": ", ".join(key.opens) or "-"}
    tested = {"done_on": None if key.tested is None else key.tested.isoformat()}
    yield Evidence(code="key-registered", at=None, source="itops.yaml", facts={**told, **tested})


def _keys_of_media(facts: ControlFacts) -> Iterator[Reason]:
    assert facts.custody is not None, "asked only where there is a register"
    found = [held for held in facts.custody.findings if held.code in _KEY_FINDINGS]
    if found:
        state = worst(held.state for held in found)
        yield as_bad_as(state, "media-keys", findings=len(found), first=f"{found[0].subject} {found[0].code}")
    elif any(held.key_id for held in facts.custody.media):
        yield ok("media-keys-kept")


def duties_separate(facts: ControlFacts, now: datetime) -> Iterator[Found]:
    """C18: who makes copies cannot delete them, and nobody else can by the way."""
    accounts = facts.policy.accounts
    if accounts.makes and accounts.deletes:
        shared = _shared(accounts.makes, accounts.deletes)
        yield critical("duties-shared", account=shared) if shared else ok("duties-separate")
        told = {"makes": ", ".join(accounts.makes), "deletes": ", ".join(accounts.deletes)}
        yield Evidence(code="duties-told", at=None, source="itops.yaml", facts=told)
    else:
        yield not_evaluated("accounts-untold")
    for held in facts.repositories:
        if held.access is not None and held.access.is_writable_by_all:
            yield critical("writable-by-all", repository=held.name, mode=held.access.mode)
    yield from _deletions(facts)


def _deletions(facts: ControlFacts) -> Iterator[Evidence]:
    gone = [known for known in facts.copies if known.gone_at is not None]
    newest = sorted(gone, key=lambda known: (known.gone_at is None, known.gone_at, known.copy.key), reverse=True)
    for known in newest[:_SHOWN]:
        yield Evidence(code="copy-gone", at=known.gone_at, source=known.copy.repository, facts={"copy": known.copy.key})

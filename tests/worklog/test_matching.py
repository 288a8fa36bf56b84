"""Observed changes and entries put together: links first, then the nearest; more entries never explain less."""

from hypothesis import given
from hypothesis import strategies as st

from itops.inventory.facts import Action
from itops.worklog.entries import Linked, Withdrawn, WorkKind, ref_of
from itops.worklog.log import log_of
from itops.worklog.matching import FITS, Matched, match
from itops.worklog.policy import ChangePolicy
from tests.worklog.making import NOW, change, changes, entries, entry, log, rows

POLICY = ChangePolicy()
SEEN = st.lists(changes(), max_size=6, unique_by=ref_of)
WRITTEN = st.lists(entries(), max_size=6)


def explained(matched: Matched) -> dict[str, tuple[int, ...]]:
    return {one.change.name: tuple(by.number for by in one.entries) for one in matched.changes}


def refs(matched: Matched) -> set[object]:
    return {one.ref for one in matched.changes if one.entries}


def test_an_entry_explains_the_change_of_its_subject_however_it_was_typed():
    seen = [change("پادویش", Action.UPGRADED, field="guest_os")]
    assert explained(match(seen, log(entry(WorkKind.UPGRADED, "پادويش ")), POLICY)) == {"پادویش": (1,)}


def test_two_servers_of_one_name_need_two_entries():
    seen = [change("test", at=5, id="a"), change("test", at=20, id="b")]
    one = match(seen, log(entry(WorkKind.REMOVED, "test", at=4)), POLICY)
    assert [bool(found.entries) for found in one.changes] == [True, False]
    two = match(seen, log(entry(WorkKind.REMOVED, "test", at=4), entry(WorkKind.REMOVED, "test", at=19)), POLICY)
    assert [found.entries[0].number for found in two.changes] == [1, 2]


def test_one_upgrade_explains_every_field_that_it_changed():
    seen = [change("Padvish", Action.UPGRADED, field=field) for field in ("guest_os", "tools_version")]
    matched = match(seen, log(entry(WorkKind.UPGRADED, "Padvish")), POLICY)
    assert all(one.entries for one in matched.changes)


def test_an_order_stands_beside_the_deed_and_not_in_its_place():
    matched = match(
        [change("RDC")], log(entry(WorkKind.ORDER, "RDC", at=1), entry(WorkKind.REMOVED, "RDC", at=9)), POLICY
    )
    (one,) = matched.changes
    assert [by.number for by in one.entries] == [1, 2]
    assert [by.number for by in one.deeds] == [2]


def test_an_entry_explains_nothing_that_was_seen_too_long_after_it_or_before_it():
    kind = WorkKind.REMOVED
    assert not refs(match([change("RDC", at=29)], log(entry(kind, "RDC", at=29 - 36)), POLICY))
    assert refs(match([change("RDC", at=29)], log(entry(kind, "RDC", at=29 - 35)), POLICY))
    assert refs(match([change("RDC", at=5)], log(entry(kind, "RDC", at=6)), POLICY))
    assert not refs(match([change("RDC", at=5)], log(entry(kind, "RDC", at=6.1)), POLICY))


def test_a_link_finds_its_change_when_history_read_anew_moved_the_moment():
    moved = Linked(entry=1, changes=(ref_of(change("RDC", at=12)),), at=NOW, by="B")
    matched = match([change("RDC", at=7)], log(entry(WorkKind.OTHER), moved), POLICY)
    assert explained(matched) == {"RDC": (1,)}
    assert matched.dangling == ()


def test_a_link_to_what_was_not_observed_hangs_in_the_air():
    away = ref_of(change("gone"))
    matched = match([change("RDC")], log(entry(WorkKind.OTHER, links=(away,))), POLICY)
    assert [link for _, link in matched.dangling] == [away]


@given(SEEN, WRITTEN)
def test_every_change_is_told_exactly_once(seen, written):
    matched = match(seen, log(*written), POLICY)
    assert sorted(map(repr, (one.ref for one in matched.changes))) == sorted(repr(ref_of(one)) for one in seen)


@given(SEEN, WRITTEN)
def test_without_a_link_only_what_fits_explains(seen, written):
    for one in match(seen, log(*written), POLICY).changes:
        for by in one.entries:
            assert one.change.action in FITS[by.entry.kind]
            assert one.change.name in by.entry.subjects
            assert -POLICY.slack <= one.change.at - by.entry.at <= POLICY.order_within


@given(SEEN, WRITTEN)
def test_one_subject_of_one_entry_explains_at_most_one_coming_or_going(seen, written):
    whole = [one for one in match(seen, log(*written), POLICY).changes if one.change.field is None]
    used = [(by.number, one.change.name) for one in whole for by in one.entries]
    assert len(used) == len(set(used))


@given(SEEN, WRITTEN, entries())
def test_one_more_entry_never_leaves_a_change_unexplained_that_was_explained(seen, written, more):
    before = refs(match(seen, log(*written), POLICY))
    after = refs(match(seen, log(*written, more), POLICY))
    assert before <= after


@given(SEEN, WRITTEN, st.randoms())
def test_the_order_of_changes_makes_no_difference(seen, written, random):
    shuffled = random.sample(seen, len(seen))
    assert match(shuffled, log(*written), POLICY) == match(seen, log(*written), POLICY)


@given(st.lists(changes(), min_size=1, max_size=6, unique_by=ref_of), WRITTEN)
def test_what_somebody_linked_is_explained_by_that_entry(seen, written):
    linked = entry(WorkKind.OTHER, links=(ref_of(seen[0]),))
    number = len(written) + 1
    matched = match(seen, log(*written, linked), POLICY)
    one = next(one for one in matched.changes if one.ref == ref_of(seen[0]))
    assert number in one.linked
    assert number in {by.number for by in one.entries}


@given(SEEN, WRITTEN, entries())
def test_a_withdrawn_entry_leaves_no_trace(seen, written, mistake):
    number = len(written) + 1
    whole = rows(*written, mistake, Withdrawn(entry=number, at=NOW, by="B", reason="x"))
    assert match(seen, log_of(whole), POLICY).changes == match(seen, log(*written), POLICY).changes

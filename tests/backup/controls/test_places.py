"""C08, C09 and C10: what lies where, by content and by medium."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.backup.controls.boxes import box_of_address, box_of_mount, short_name
from itops.backup.controls.facts import ChainFacts, CustodyFacts, MediumCopy, MediumFacts, RepositoryFacts
from itops.backup.controls.holdings import generations, holdings
from itops.backup.controls.policy import ControlsPolicy, SiteSetting
from itops.backup.levels import Level
from itops.backup.policy import Place
from tests.backup.controls.office import (
    CRITICAL,
    LOOKS,
    NAS,
    OBJECT,
    OK,
    WARNING,
    evidence,
    facts,
    hashed,
    told,
    verdict,
)
from tests.backup.judgement.factory import NOW, at, copy, look

ONE = "a" * 64
OTHER = "b" * 64
KEPT = hashed(copy("11-20 23:30", key="ins.bak"), ONE)
FAR = ControlsPolicy(sites={"branch": SiteSetting(distance="city"), "bank": SiteSetting(distance="city")})
CHAIN = ChainFacts(name="custody", rows=4, head="9" * 64, head_at=at("11-21 10:00"))


def repository(name: str, box: str = "", **place: object) -> RepositoryFacts:
    return RepositoryFacts(name=name, box=box or name, place=Place(**place))


BRANCH = repository("branch", site="branch", medium="nas")
SHELF = repository("shelf", medium="removable", offline=True)


def there(name: str, known=KEPT, sha256: str | None = ONE):
    """The same copy in another repository."""
    moved = replace(known, copy=replace(known.copy, repository=name))
    return hashed(moved, sha256) if sha256 else replace(moved, proofs=tuple(_unhashed(moved)))


def _unhashed(known):
    return (replace(one, examination=replace(one.examination, sha256=None)) for one in known.proofs)


def medium(name: str = "M0001-7", **more: object) -> MediumFacts:
    given = {"kind": "hdd", "place": "bank", "since": at("11-21 11:00"), "is_in_vault": True, **more}
    return MediumFacts(medium=name, **given)


def on_medium(
    name: str = "M0001-7",
    file: str = "ins.bak",
    sha256: str = ONE,
    made: str = "11-20 23:30",
    level: Level | None = Level.COMPLETE,
) -> MediumCopy:
    return MediumCopy(
        medium=name, name=file, job="insurance", object=OBJECT, sha256=sha256, made_at=at(made), level=level
    )


def register(*copies: MediumCopy, media: tuple[MediumFacts, ...] = (medium(),)) -> CustodyFacts:
    return CustodyFacts(chain=CHAIN, media=media, copies=copies)


def office(*copies, repositories=(NAS,), policy=FAR, looks=LOOKS, custody=None, **more):
    seen = tuple(looks)
    return facts(copies, repositories=repositories, policy=policy, looks=seen, custody=custody, **more)


def counted(of) -> tuple[int, int]:
    """Copies and kinds of media of the best content, as the control tells them."""
    [shown] = evidence(verdict("C08", of), "copies")
    return shown["copies"], shown["original"]


# C08


def test_the_original_a_copy_at_hand_and_a_medium_in_the_bank_are_three_on_two_kinds():
    of = office(KEPT, custody=register(on_medium()))
    assert told(verdict("C08", of)) == (OK, "copies-enough")
    assert counted(of) == (3, 1)


@pytest.mark.parametrize(
    ("of", "copies"),
    [
        pytest.param(office(KEPT), 2, id="the original and one copy"),
        pytest.param(office(KEPT, there("branch"), repositories=(NAS, BRANCH)), 3, id="the same in two repositories"),
        pytest.param(office(KEPT, hashed(copy("11-20 23:30", key="again.bak"), ONE)), 2, id="two files on one medium"),
        pytest.param(
            office(KEPT, there("share"), repositories=(NAS, repository("share", box="nas"))), 2,
            id="two repositories on one box",
        ),
        pytest.param(
            office(KEPT, custody=register(on_medium(), on_medium(file="again.bak"))), 3, id="twice on one medium"
        ),
        pytest.param(
            office(KEPT, custody=register(on_medium(), on_medium("M0002-5"), media=(medium(), medium("M0002-5")))), 4,
            id="one content on two media",
        ),
        pytest.param(
            office(KEPT, custody=register(on_medium(), media=(medium(is_in_transit=True),))), 2, id="on its way"
        ),
        pytest.param(office(KEPT, there("branch", sha256=OTHER), repositories=(NAS, BRANCH)), 2, id="another content"),
        pytest.param(
            office(KEPT, there("branch", sha256=None), repositories=(NAS, BRANCH)), 3, id="no hash, the same header"
        ),
    ],
)  # fmt: skip
def test_copies_are_counted_by_content_and_by_medium(of, copies):
    assert counted(of)[0] == copies


def test_a_medium_of_the_register_that_is_mounted_as_a_repository_is_one_medium():
    mounted = repository("shelf", box="0f3c", medium="removable")
    same = office(
        KEPT,
        there("shelf"),
        repositories=(NAS, mounted),
        custody=register(on_medium(), media=(medium(file_system_uuid="0F3C"),)),
    )
    assert counted(same)[0] == 3


def test_a_copy_that_nobody_could_prove_or_that_is_damaged_is_none():
    weak = there("branch", known=copy("11-20 23:30", key="ins.bak", level=Level.IDENTIFIED), sha256=ONE)
    cut = there("branch", known=copy("11-20 23:30", key="ins.bak", faults=("cut",)), sha256=ONE)
    for bad in (weak, cut):
        assert counted(office(KEPT, bad, repositories=(NAS, BRANCH)))[0] == 2


def test_enough_copies_of_which_one_was_not_read_are_not_enough_yet():
    weak = there("branch", known=copy("11-20 23:30", key="ins.bak", level=Level.IDENTIFIED), sha256=ONE)
    of = office(KEPT, weak, repositories=(NAS, replace(BRANCH, place=Place(site="branch", medium="disk"))))
    assert told(verdict("C08", of)) == (WARNING, "copies-unproven")


def test_a_copy_elsewhere_that_nobody_has_read_is_told_as_that():
    weak = copy("11-20 23:30", key="ins.bak", level=Level.IDENTIFIED)
    in_branch = office(KEPT, there("branch", known=weak), repositories=(NAS, BRANCH))
    assert told(verdict("C09", in_branch)) == (WARNING, "offsite-unproven")
    on_shelf = office(KEPT, there("shelf", known=weak), repositories=(NAS, SHELF))
    assert told(verdict("C10", on_shelf)) == (WARNING, "offline-unproven")
    sealed_unread = office(KEPT, custody=register(on_medium(level=None)))
    assert told(verdict("C09", sealed_unread)) == (WARNING, "offsite-unproven")


def test_a_catalogue_that_tells_of_files_elsewhere_adds_no_copy():
    catalogue = replace(BRANCH, holds_copies=False)
    assert counted(office(KEPT, there("branch"), repositories=(NAS, catalogue)))[0] == 2


def test_three_copies_on_one_kind_of_medium_are_not_enough():
    of = office(KEPT, there("branch"), repositories=(NAS, BRANCH))
    found = verdict("C08", of)
    assert told(found) == (CRITICAL, "copies-too-few")
    assert (found.facts["copies"], found.facts["media"], found.facts["wanted_media"]) == (3, 1, 2)


def test_copies_of_different_days_in_different_places_are_not_one_content():
    older = hashed(copy("11-19 23:30", key="shelf.bak", repository="shelf"), OTHER)
    found = verdict("C08", office(KEPT, older, repositories=(NAS, SHELF)))
    assert told(found) == (WARNING, "copies-differ")


def test_a_content_in_enough_places_may_be_a_month_old_and_no_older():
    old = copy("10-01 23:30", key="old.bak")
    of = office(hashed(old, OTHER), KEPT, custody=register(on_medium(sha256=OTHER, made="10-01 23:30", file="old.bak")))
    assert told(verdict("C08", of)) == (WARNING, "copies-old")


def test_an_original_that_no_server_tells_of_is_not_counted():
    of = office(KEPT)
    assert counted(replace(of, coverage=type(of.coverage)(rows=())))[0] == 1


def test_an_office_that_does_not_count_the_original_needs_one_copy_more():
    strict = replace(FAR, with_original=False)
    of = office(KEPT, custody=register(on_medium()), policy=strict)
    assert told(verdict("C08", of)) == (CRITICAL, "copies-too-few")


def test_no_copy_at_all_is_too_few():
    found = verdict("C08", office())
    assert told(found) == (CRITICAL, "copies-too-few")
    assert found.facts["copies"] == 1


HASHES = st.sampled_from([ONE, OTHER, None])
HELD = st.lists(st.tuples(st.sampled_from(["nas", "branch", "shelf"]), HASHES, st.booleans()), max_size=8)


@given(HELD)
def test_a_medium_never_counts_twice_and_another_copy_never_counts_less(held):
    made = ["11-20 23:30", "11-21 23:30"]
    copies = []
    for number, (name, sha256, is_newer) in enumerate(held):
        known = copy(made[is_newer], key=f"{number}.bak", repository=name)
        copies.append(hashed(known, sha256) if sha256 else known)
    of = office(*copies, repositories=(NAS, BRANCH, SHELF))
    for one in generations(holdings(list(of.verdicts), of, NOW)):
        assert len(one.boxes) <= len({name for name, _, _ in held})
        assert len({item.content for item in one.holdings}) == 1
    fewer = office(*copies[:-1], repositories=(NAS, BRANCH, SHELF))
    assert _best(of) >= _best(fewer)


def _best(of) -> int:
    return max((len(one.boxes) for one in generations(holdings(list(of.verdicts), of, NOW))), default=0)


# C09


@pytest.mark.parametrize(
    ("of", "state", "reason"),
    [
        pytest.param(office(KEPT), CRITICAL, "offsite-none", id="all at home"),
        pytest.param(
            office(KEPT, there("branch"), repositories=(NAS, BRANCH)), OK, "offsite-held", id="in the branch"
        ),
        pytest.param(office(KEPT, custody=register(on_medium())), OK, "offsite-held", id="in the bank"),
        pytest.param(
            office(KEPT, there("branch"), repositories=(NAS, BRANCH), policy=ControlsPolicy()),
            WARNING, "distance-untold", id="nobody said how far that is",
        ),
        pytest.param(
            office(
                KEPT, there("branch"), repositories=(NAS, BRANCH),
                policy=ControlsPolicy(sites={"branch": SiteSetting(distance="building")}),
            ),
            CRITICAL, "offsite-near", id="another floor",
        ),
        pytest.param(
            office(KEPT, custody=register(on_medium(), media=(medium(place="cupboard", is_in_vault=False),))),
            CRITICAL, "offsite-none", id="the medium lies in the office",
        ),
        pytest.param(
            office(KEPT, custody=register(on_medium(made="09-20 23:30"))), WARNING, "offsite-old", id="two months old"
        ),
        pytest.param(
            office(KEPT, there("branch"), repositories=(NAS, BRANCH), policy=replace(FAR, home="branch")),
            WARNING, "distance-untold", id="the NAS is what is elsewhere",
        ),
    ],
)  # fmt: skip
def test_one_copy_is_elsewhere_young_and_far_enough(of, state, reason):
    assert told(verdict("C09", of)) == (state, reason)


def test_the_copy_elsewhere_is_shown_with_its_place_and_when_it_came_there():
    found = verdict("C09", office(KEPT, custody=register(on_medium())))
    [row] = [row for row in found.evidence if row.code == "copy-elsewhere"]
    assert row.at == at("11-21 11:00")
    assert (row.facts["site"], row.facts["distance"], row.source) == ("bank", "city", "register")


def test_where_the_copies_are_is_shown_when_none_is_where_one_should_be():
    for control in ("C09", "C10"):
        [shown] = evidence(verdict(control, office(KEPT)), "copies-known")
        assert shown == {"object": OBJECT, "copies": 1, "places": "nas (nas, office)"}


# C10

AWAY = (look("11-15 08:00", repository="shelf", is_complete=False), look("11-21 08:00", repository="shelf"))
LOCKED = repository("locked", medium="cloud", immutable=True)


@pytest.mark.parametrize(
    ("of", "state", "reason"),
    [
        pytest.param(office(KEPT), CRITICAL, "offline-none", id="everything can be reached"),
        pytest.param(office(KEPT, custody=register(on_medium())), OK, "offline-held", id="in a box"),
        pytest.param(
            office(KEPT, there("shelf"), repositories=(NAS, SHELF), looks=(*LOOKS, *AWAY)),
            OK, "offline-held", id="a disk that was away at one look and there at another",
        ),
        pytest.param(
            office(KEPT, there("shelf"), repositories=(NAS, SHELF), looks=(*LOOKS, AWAY[1])),
            WARNING, "offline-unshown", id="a disk said to be away and always there",
        ),
        pytest.param(
            office(KEPT, there("locked"), repositories=(NAS, LOCKED)),
            WARNING, "immutable-unread", id="said to be locked, and no lock was read",
        ),
        pytest.param(
            office(KEPT, custody=register(on_medium(made="09-20 23:30"))), WARNING, "offline-old", id="two months old"
        ),
    ],
)  # fmt: skip
def test_one_copy_is_out_of_reach_and_something_shows_it(of, state, reason):
    assert told(verdict("C10", of)) == (state, reason)


def test_waiting_makes_the_copy_elsewhere_too_old():
    of = office(KEPT, custody=register(on_medium()))
    assert told(verdict("C09", of, later=timedelta(days=43))) == (OK, "offsite-held")
    assert told(verdict("C09", of, later=timedelta(days=44))) == (WARNING, "offsite-old")


# What is one box


@pytest.mark.parametrize(
    ("kind", "source", "box"),
    [
        ("cifs", "//nas.office.example/backup", "nas"),
        ("nfs4", "nas:/export/backup", "nas"),
        ("nfs", "192.0.2.7:/backup", "192.0.2.7"),
        ("fuse.sshfs", "itops@nas:/srv", "nas"),
        ("ext4", "/dev/sdb1", None),
        ("tmpfs", "tmpfs", None),
    ],
)
def test_shares_of_one_server_are_one_box(kind, source, box):
    assert box_of_mount(kind, source) == box


@pytest.mark.parametrize(
    ("address", "box"),
    [
        ("sftp:backup@nas:/srv/restic", "nas"),
        ("ssh://borg@nas.office.example:22/./repo", "nas"),
        ("rest:https://user@[2001:db8::7]:8000/", "2001:db8::7"),
        ("s3:https://store.example/bucket", "store"),
        ("b2", None),
    ],
)
def test_a_server_is_one_box_however_it_is_reached(address, box):
    assert box_of_address(address) == box


@given(st.text(max_size=40))
def test_any_text_is_some_box_or_none(text):
    for found in (box_of_address(text), box_of_mount("cifs", text), short_name(text)):
        assert found is None or found == found.casefold()

"""The page of damages says what the formats do; made anew with `python scripts/make_damage_matrix.py`."""

import shutil

import pytest

from itops.backup.levels import Level
from itops.cli.proofs import installed_formats
from itops.repositories.local import file_thing, folder_thing
from scripts.make_damage_matrix import PAGE, claims
from tests.makers.matrix import MAKERS, good_copy, maker, row

pytestmark = pytest.mark.e2e
CLAIMS = claims(PAGE.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", MAKERS)
def test_what_the_page_says_is_noticed_and_a_good_copy_is_not(name, tmp_path):
    missing = [program for program in maker(name).NEEDS if shutil.which(program) is None]
    assert not missing, f"install {missing}: scripts/ensure-packages test"
    good, cells = row(name, tmp_path)
    assert (good.format, good.faults) == (maker(name).FORMAT, ())
    claimed = CLAIMS[name]
    assert f"L{(good.level or Level.SEEN).value}" == claimed["a good copy reaches"]
    lost = {
        damage: cell.text
        for damage, cell in cells.items()
        if claimed[damage] in {"L1", "L2", "L3"} and not cell.noticed
    }
    assert lost == {}


@pytest.mark.parametrize("name", MAKERS)
def test_a_good_copy_is_known_by_one_format_alone(name, tmp_path):
    path = good_copy(name, tmp_path)
    thing = folder_thing(path) if path.is_dir() else file_thing(path)
    assert [known.name for known in installed_formats() if known.recognises(thing)] == [maker(name).FORMAT]


def test_the_page_has_a_row_for_every_maker():
    assert sorted(CLAIMS) == MAKERS

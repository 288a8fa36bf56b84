"""Where the fonts that come as packages lie."""

import pytest

from itops.reports import labels
from itops.reports.fonts import AMIRI, NOTO, Face, folder_of, font_folders

ABSENT = Face(family="Nobody", package="fontpkg_of_nobody")


@pytest.mark.parametrize("face", [AMIRI, NOTO], ids=lambda face: face.family)
def test_a_font_that_is_installed_has_a_folder_of_font_files(face):
    folder = folder_of(face)
    assert folder is not None
    assert any(file.suffix == ".ttf" for file in folder.iterdir())


def test_a_font_that_is_not_installed_has_no_folder():
    assert folder_of(ABSENT) is None


def test_folders_come_in_the_order_asked_for_without_those_that_are_not_there():
    assert font_folders(NOTO, ABSENT, AMIRI) == [folder_of(NOTO), folder_of(AMIRI)]


def test_labels_look_for_their_own_font_alone():
    assert labels.font_folders() == [folder_of(NOTO)]

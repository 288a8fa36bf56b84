"""The fonts that come as packages: the one place that knows where they lie.

Amiri is for Persian that is searched and copied: each of its letters is one picture. Noto Sans Arabic draws a dotted
letter as a body and dots, so readers of a PDF find the letter twice; its Latin letters are whole.
"""

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Face:
    """A family of fonts, and the package it comes in."""

    family: str
    package: str


AMIRI = Face(family="Amiri", package="fontpkg_amiri")
NOTO = Face(family="Noto Sans Arabic", package="fontpkg_noto_sans_arabic")
INSTALL = "pip install typst fontpkg-amiri fontpkg-noto-sans-arabic"
BUILT_IN = "DejaVu Sans Mono"
"""What typst brings itself: every letter of both languages, each as wide as the other."""


def folder_of(face: Face) -> Path | None:
    """The folder of its files, None where the package is not installed."""
    try:
        folder = files(face.package).joinpath("files")
    except ModuleNotFoundError:
        return None
    return Path(str(folder))


def font_folders(*faces: Face) -> list[Path]:
    """The folders of those that are installed."""
    return [folder for face in faces if (folder := folder_of(face)) is not None]

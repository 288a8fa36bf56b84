"""A paper as PDF: PDF/A-3 with tags, the facts attached, the same bytes for the same paper.

Drawn by typst in a process of its own (see pdf_child), from files in memory and fonts in named folders: no network, no
system fonts, no temporary files. Everything is data; nothing of a paper is ever read as markup.

Persian papers are lettered in Amiri, whose text is found by searching and comes back when copied (only a zero-width
non-joiner may come back elsewhere in its word); with Noto Sans Arabic dotted letters would come back twice. Papers in
English have the Latin letters of Noto Sans Arabic. A font of the office's own stands before both.
"""

import base64
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from itops.errors import ConfigInvalid, ItopsError, UsageWrong
from itops.reports.fonts import AMIRI, INSTALL, NOTO, font_folders
from itops.reports.paper.model import Paper
from itops.reports.paper.pdf_document import document
from itops.reports.paper.pdf_lettering import lettering

_MAIN = "paper.typ"
_PARTS = ("paper_blocks.typ", "paper_charts.typ", "paper_marks.typ")
_TAGGED, _UNTAGGED = ("a-3a", "ua-1"), ("a-3b",)
_MOST_SECONDS = 600
_REPORT_IT = "keep the files of the report and tell whoever looks after itops; the other formats do not need typst"


def write_pdf(
    paper: Paper,
    *,
    attachment: bytes | None = None,
    attachment_name: str = "report.json",
    font: str | None = None,
    font_dirs: Sequence[Path] = (),
    tagged: bool = True,
) -> bytes:
    """The PDF of a paper.

    `font`: a family that must be in one of `font_dirs`, in a font package or in typst itself; None: Amiri for Persian,
    Noto Sans Arabic for English.
    `tagged`: for screen readers (PDF/A-3a with PDF/UA-1); without tags a long annex is an eighth as large (PDF/A-3b).
    Raises UsageWrong where typst is missing, ConfigInvalid where the font or a folder is, ItopsError where typst cannot
    draw.
    """
    if find_spec("typst") is None:
        raise UsageWrong("typst is not installed", remedy=INSTALL)
    folders = [*_checked(font_dirs), *font_folders(AMIRI, NOTO)]
    letters = lettering(paper.language, font)
    drawn = document(paper, letters)
    if attachment is not None:
        drawn["attachment"] = {"name": attachment_name, "mime": _mime(attachment_name)}
    order = {
        "templates": dict(_templates()),
        "document": drawn,
        "attachment": None if attachment is None else base64.b64encode(attachment).decode("ascii"),
        "font": font,
        "fonts": letters.fonts,
        "font_paths": [str(folder) for folder in folders],
        "standards": _TAGGED if tagged else _UNTAGGED,
        "tags": tagged,
        "timestamp": int(paper.made_at.timestamp()),
    }
    return _drawn_elsewhere(order, folders)


def _checked(folders: Sequence[Path]) -> Iterator[Path]:
    for folder in folders:
        if not folder.is_dir():
            raise ConfigInvalid(
                f"there is no folder of fonts {folder}",
                remedy="correct report.font_dirs in itops.yaml, or leave it out",
            )
        yield folder


def _templates() -> Iterator[tuple[str, str]]:
    folder = files("itops.reports").joinpath("templates")
    yield "main.typ", folder.joinpath(_MAIN).read_text(encoding="utf-8")
    for name in _PARTS:
        yield name, folder.joinpath(name).read_text(encoding="utf-8")


def _mime(name: str) -> str:
    return "application/json" if name.endswith(".json") else "application/octet-stream"


def _drawn_elsewhere(order: dict[str, Any], folders: Sequence[Path]) -> bytes:
    """-P: the folder of the program holds modules that are called like those of the standard library."""
    child = Path(__file__).with_name("pdf_child.py")
    try:
        ended = subprocess.run(
            [sys.executable, "-P", str(child)],
            input=json.dumps(order, allow_nan=False).encode(),
            capture_output=True,
            timeout=_MOST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ItopsError(
            f"the PDF was not drawn within {_MOST_SECONDS} seconds",
            remedy="put long lists into the workbook instead, or try again when the machine is less busy",
        ) from None
    if ended.returncode == 0 and ended.stdout.startswith(b"%PDF-"):
        return ended.stdout
    raise _failure(ended.returncode, ended.stderr, folders)


def _failure(code: int, stderr: bytes, folders: Sequence[Path]) -> ItopsError:
    told = _reason(stderr)
    if told.get("kind") == "font":
        return _font_missing(told, folders)
    if told.get("kind") == "typst":
        return ItopsError(f"typst cannot draw the PDF: {told['problem']}", remedy=_REPORT_IT)
    if code < 0:
        return ItopsError(
            f"the process that draws the PDF was ended by signal {-code}",
            remedy="it may have lacked memory: put long lists into the workbook, or leave out the tags",
        )
    last = stderr.decode("utf-8", "replace").strip().rpartition("\n")[2]
    return ItopsError(f"the process that draws the PDF failed: {last[:500] or code}", remedy=_REPORT_IT)


def _reason(stderr: bytes) -> dict[str, Any]:
    try:
        told = json.loads(stderr)
    except ValueError:  # something else than our child ended it
        return {}
    return told if isinstance(told, dict) else {}


def _font_missing(told: dict[str, Any], folders: Sequence[Path]) -> ConfigInvalid:
    known = ", ".join(sorted(set(told["families"]))[:20])
    places = ", ".join(map(str, folders)) or "no folder"
    return ConfigInvalid(
        f"the font {told['problem']} was not found in {places}",
        remedy=f"name its folder in report.font_dirs (C:\\Windows\\Fonts, say), or use one that is there: {known}",
    )

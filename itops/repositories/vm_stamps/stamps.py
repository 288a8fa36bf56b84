"""Finding stamps on a VM: in its custom attributes, in its notes. Source: what Veeam, NetBackup and others write."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase

from itops.repositories.vm_stamps.settings import VmStampsSettings

ATTRIBUTES = (
    "last backup",
    "last*backup",
    "last*backup*",
    "*veeam*backup*",
    "nb_last_backup*",
    "backup*date",
    "backup*time",
)
"""Names of attributes, in the order of trust; compared in small letters, with blanks for `_` and `-`."""
_VEEAM = re.compile(
    r"Veeam Backup:\s*(?:Job name:\s*\[(?P<job>[^\[\]]{0,300})\],?\s*)?"
    r"(?:Job run )?time:\s*\[(?P<when>[^\[\]]{1,100})\](?P<rest>[^\n]{0,600})",
    re.IGNORECASE,
)
_HOST = re.compile(r"Backup host:\s*\[(?P<host>[^\[\]]{0,300})\]", re.IGNORECASE)
_FOLDER = re.compile(r"Backup folder:\s*\[(?P<folder>[^\[\]]{0,600})\]", re.IGNORECASE)
_START = re.compile(r"\bStart\s?Time\s*[=:]\s*(?P<when>[^,;\n]{6,60})", re.IGNORECASE)
_LINE = re.compile(
    r"^[^\S\n]*(?:last (?:successful )?backup(?: (?:date|time))?|آخرین (?:پشتیبان|بک\s?آپ)[^:\n]{0,20})"
    r"\s*[:=]\s*(?P<when>[^\n]{1,100})$",
    re.IGNORECASE | re.MULTILINE,
)
_LONGEST_TEXT = 16_384
_MOST_STAMPS = 20
_UNSET = {"", "-", "none", "never", "n/a", "ندارد"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """A text that should tell when a VM was backed up, and what stood beside it."""

    when: str
    place: str  # "attribute Last Backup", "notes"
    product: str | None = None
    job: str | None = None
    host: str | None = None
    folder: str | None = None
    is_start: bool = False  # it tells when the job began, not when it ended


def stamps(attributes: Mapping[str, str], notes: str, settings: VmStampsSettings) -> Iterator[tuple[Stamp, ...]]:
    """The places where stamps stand, best first; from each, every stamp in it. The first that can be read counts."""
    for name in _in_order(attributes, settings):
        if found := _of(attributes[name], f"attribute {name}", settings, is_whole=True):
            yield found
    if settings.notes and (found := _of(notes, "notes", settings, is_whole=False)):
        yield found


def _in_order(attributes: Mapping[str, str], settings: VmStampsSettings) -> list[str]:
    found: list[str] = []
    for pattern in settings.attribute or ATTRIBUTES:
        wanted = _plain(pattern)
        found += [name for name in attributes if name not in found and fnmatchcase(_plain(name), wanted)]
    return found


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]+", " ", name).strip().casefold()


def _of(text: str, place: str, settings: VmStampsSettings, *, is_whole: bool) -> tuple[Stamp, ...]:
    """The stamps in a text; `is_whole`: failing all else, the whole text is one."""
    text = text[:_LONGEST_TEXT].strip()
    if text.casefold() in _UNSET:
        return ()
    if settings.pattern is not None:
        return tuple(_own(found, place) for found in re.finditer(settings.pattern, text))[:_MOST_STAMPS]
    if found := tuple(_veeam(match, place) for match in _VEEAM.finditer(text)):
        return found[:_MOST_STAMPS]
    if start := _START.search(text):
        return (Stamp(when=start["when"].strip(), place=place, is_start=True),)
    if line := _LINE.search(text):
        return (Stamp(when=line["when"].strip(), place=place),)
    return (Stamp(when=text, place=place),) if is_whole else ()


def _veeam(found: "re.Match[str]", place: str) -> Stamp:
    host, folder = _HOST.search(found["rest"]), _FOLDER.search(found["rest"])
    return Stamp(
        when=found["when"].strip(),
        place=place,
        product="Veeam",
        job=found["job"] or None,
        host=host["host"] if host else None,
        folder=folder["folder"] if folder else None,
        is_start=True,
    )


def _own(found: "re.Match[str]", place: str) -> Stamp:
    groups = found.groupdict()
    return Stamp(when=(groups["when"] or "").strip(), place=place, job=groups.get("job"))

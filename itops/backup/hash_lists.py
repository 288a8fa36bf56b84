"""Lists of hashes that lie beside copies: what sha256sum and its kin, BSD, OpenSSL, rclone and OVF write.

Pure: a list's text becomes path -> hash, and every line that cannot be believed becomes a Fault with its number. A
list is evidence of others and may be hostile: no path in it may lead out of the folder it lies in.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from itops.backup.copies import Fault

_LONGEST_LINE = 8192
_LONGEST_PATH = 4096
_MOST_PROBLEMS = 100
_SHOWN = 80

ALGORITHMS: Mapping[str, int] = {
    "md5": 32,
    "sha1": 40,
    "sha224": 56,
    "sha256": 64,
    "blake3": 64,
    "sha384": 96,
    "sha512": 128,
    "blake2b": 128,
}
"""Hexadecimal digits of each; of two of one length the first is meant where nothing names the other."""
_STRENGTH = ("md5", "sha1", "sha224", "sha256", "sha384", "blake2b", "sha512")
_UNCOUNTED = "blake3"  # known, but Python has no such digest: those lines prove nothing here
_TAGS = {
    "sha2-224": "sha224",
    "sha2-256": "sha256",
    "sha2-384": "sha384",
    "sha2-512": "sha512",
    "blake2b512": "blake2b",
}
_SUFFIXES = {
    **{name: name for name in ALGORITHMS},
    "b3": "blake3",
    "b2": "blake2b",
    **{f"{name}sum": name for name in ALGORITHMS},
    **{f"{name}sums": name for name in ALGORITHMS},
    "b3sum": "blake3",
    "b3sums": "blake3",
    "b2sum": "blake2b",
    "b2sums": "blake2b",
}
_ANY_ALGORITHM = {"mf", "checksum", "checksums", "hashes"}  # an OVF manifest and lists that name it in each line
_HEX_FIRST = re.compile(r"(\\?)([0-9A-Fa-f]{32,128}) [ *]?(.+)", re.DOTALL)
_TAG_FIRST = re.compile(r"(\\?)([A-Za-z][A-Za-z0-9-]{2,15}) ?\((.+)\) ?= ?([0-9A-Fa-f]{32,128})", re.DOTALL)
_HEX_ALONE = re.compile(r"[0-9A-Fa-f]{32,128}")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_ESCAPED = {"\\": "\\", "n": "\n", "r": "\r"}
_NO_TEXT = re.compile("[\ud800-\udfff]")
_DRIVE = re.compile(r"[A-Za-z]:")


class Hash(NamedTuple):
    """A hash as a list tells it."""

    algorithm: str  # as hashlib names it
    hex: str  # lower case


@dataclass(frozen=True, slots=True, kw_only=True)
class HashList:
    """One list. Paths are relative to the folder the list lies in, `/` between their parts."""

    hashes: Mapping[str, Hash] = field(default_factory=dict)
    problems: tuple[Fault, ...] = ()  # place is "line 12"


class _Refused(Exception):
    """A line that cannot be believed."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def is_hash_list(name: str) -> bool:
    """Whether a file so called is a list of hashes: SHA256SUMS, Insurance.bak.sha256, appliance.mf, checksums.txt."""
    return _word(name) in _SUFFIXES.keys() | _ANY_ALGORITHM


def algorithm_of(name: str) -> str | None:
    """The algorithm that a list's name promises; None when it promises none."""
    return _SUFFIXES.get(_word(name))


def parse_hash_list(content: bytes, name: str) -> HashList:
    """Everything the list `name` says. Never raises: what cannot be read is among the problems.

    Backslashes part folders, as Windows' tools write them, except in GNU's escaped names.
    A path given twice with two hashes of one algorithm is dropped, because nobody knows which is right; of two
    algorithms the stronger stays.
    """
    kept: dict[str, Hash] = {}
    doubtful: set[str] = set()
    problems: list[Fault] = []
    for number, line in enumerate(_lines(content), 1):
        try:
            entry = _entry(line, name)
            if entry is not None:
                _keep(kept, doubtful, *entry)
        except _Refused as refused:
            problems.append(_problem(refused.code, number, line))
    if not kept and not problems:
        problems.append(Fault(code="hash-list-empty"))
    return HashList(hashes={path: kept[path] for path in kept if path not in doubtful}, problems=_some(problems))


def safe_path(text: str) -> str | None:
    """A path below the list's folder, `/` between its parts; None when it leads elsewhere or cannot be one."""
    path = text.replace("\\", "/")
    parts = [part for part in path.split("/") if part not in {"", "."}]
    is_outside = path.startswith("/") or _DRIVE.match(path) is not None or ".." in parts
    is_strange = not parts or len(path) > _LONGEST_PATH or any(ord(letter) < 32 for letter in path)
    return None if is_outside or is_strange else "/".join(parts)


def _word(name: str) -> str:
    """The part of a list's name that tells the algorithm."""
    last = re.split(r"[/\\]", name)[-1].lower()
    last = last.removesuffix(".txt")
    return last.rpartition(".")[2].replace("-", "").replace("_", "")


def _lines(content: bytes) -> list[str]:
    """Its lines without their ends, bytes that are no text as lone surrogates; PowerShell's `>` writes UTF-16."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = content.decode("utf-16", "replace").replace("\ufffd", "\udcff")
    else:
        text = content.decode("utf-8-sig", "surrogateescape")
    return [line.removesuffix("\r") for line in text.split("\n")]


def _entry(line: str, name: str) -> tuple[str, Hash] | None:
    """What one line says; None for an empty one or a remark; raises _Refused."""
    if not line.strip() or line.lstrip().startswith(("#", ";")):
        return None
    if len(line) > _LONGEST_LINE or _NO_TEXT.search(line):
        raise _Refused("hash-line-mangled")
    escaped, tag, text, digits = _parts(line, name)
    algorithm = _algorithm(tag, digits, name)
    text = _unescaped(text) if escaped else text
    path = safe_path(text)
    if path is None:
        raise _Refused("hash-path-refused")
    return text.removeprefix("./") if escaped and "\\" in text else path, Hash(algorithm, digits.lower())


def _parts(line: str, name: str) -> tuple[bool, str | None, str, str]:
    """Whether its name is escaped, its tag, its path, its digits; raises _Refused."""
    if match := _HEX_FIRST.fullmatch(line):
        return bool(match[1]), None, match[3], match[2]
    if match := _TAG_FIRST.fullmatch(line.rstrip()):
        return bool(match[1]), match[2], match[3], match[4]
    if _HEX_ALONE.fullmatch(line.strip()):  # `Insurance.bak.sha256` that holds nothing but the hash
        file, _, suffix = re.split(r"[/\\]", name)[-1].rpartition(".")
        if file and suffix.lower() in _SUFFIXES:
            return False, None, file, line.strip()
    raise _Refused("hash-line-mangled")


def _algorithm(tag: str | None, digits: str, name: str) -> str:
    """By the line's tag, by the list's name, by the length; raises _Refused when they disagree."""
    said = algorithm_of(name) if tag is None else _TAGS.get(tag.lower(), tag.lower().replace("-", ""))
    if said is None:
        said = next((known for known, length in ALGORITHMS.items() if length == len(digits)), "")
    if ALGORITHMS.get(said) != len(digits):
        raise _Refused("hash-line-mangled")
    if said == _UNCOUNTED:
        raise _Refused("hash-algorithm-unknown")
    return said


def _unescaped(text: str) -> str:
    """GNU's escapes: a line that begins with a backslash has `\\\\`, `\\n` and `\\r` in its name."""

    def letter(match: re.Match[str]) -> str:
        if match[1] not in _ESCAPED:
            raise _Refused("hash-line-mangled")
        return _ESCAPED[match[1]]

    return _ESCAPE.sub(letter, text)


def _keep(kept: dict[str, Hash], doubtful: set[str], path: str, found: Hash) -> None:
    before = kept.get(path)
    if before is None or _STRENGTH.index(found.algorithm) > _STRENGTH.index(before.algorithm):
        kept[path] = found
        doubtful.discard(path)
    elif before.algorithm == found.algorithm and before.hex != found.hex:
        doubtful.add(path)
        raise _Refused("hash-conflict")


def _problem(code: str, number: int, line: str) -> Fault:
    text = "".join(letter if letter.isprintable() else "\ufffd" for letter in line[:_SHOWN])
    return Fault(code=code, place=f"line {number}", facts={"text": text})


def _some(problems: list[Fault]) -> tuple[Fault, ...]:
    """The first hundred, and how many more there are: a list that is no list has a million."""
    if len(problems) <= _MOST_PROBLEMS:
        return tuple(problems)
    more = Fault(code="hash-line-mangled", facts={"more_lines": len(problems) - _MOST_PROBLEMS})
    return (*problems[:_MOST_PROBLEMS], more)

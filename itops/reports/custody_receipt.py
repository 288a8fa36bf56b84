"""The paper that goes with a medium and that both persons sign: one page, as text or as HTML, in either language.

`receipt_of` gathers what it says, already in words and made plain; `custody_page` only lays it out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from itops.backup.custody.manifests import MANIFEST_FILE, short_hash
from itops.backup.custody.policy import CustodyPolicy, PlaceOfCustody
from itops.backup.custody.records import ManifestFile, Moved, Received
from itops.backup.custody.register import Register
from itops.backup.custody.states import MediumState
from itops.dates import show_day, show_moment
from itops.reports.words import Words
from itops.text import plain

_MOST_LINES = 22
"""Lines of content that leave room for two signatures on a page of A4."""
_HASH_DIGITS = 16
LINE = "_" * 28
"""Where somebody writes by hand."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One line of the receipt. `is_code`: digits and Latin letters, left to right in every language."""

    name: str
    value: str
    is_code: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Everything on the page, in words."""

    language: str
    title: str
    office: str
    draft: str  # "" when the hand-over is in the register
    fields: tuple[Field, ...]
    headings: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]  # of the content, as many cells as headings
    content: str  # the heading above it
    total: str  # what stands below it
    manifest: tuple[Field, ...]
    check: str
    register: str
    signatures: tuple[tuple[str, str], ...]  # who signs, and the name; "" to be written by hand
    labels: tuple[str, str, str]  # name, signature, day and hour
    printed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Clerk:
    """How this office writes receipts."""

    words: Words
    policy: CustodyPolicy
    zone: ZoneInfo
    office: str = ""
    is_marked: bool = False  # for paper: names of either direction are told apart by marks; a terminal shows these

    def say(self, key: str) -> str:
        """A word of the receipt."""
        return self.words.template("receipt", key)

    def moment(self, moment: datetime | None) -> str:
        """A moment as the office writes it."""
        return "" if moment is None else show_moment(moment, self.words.calendar, self.zone)

    def place(self, name: str) -> str:
        """A place with its branch and box; its bare name when it is no longer in the plan."""
        place = self.policy.places.get(name)
        return plain(name) if place is None else self._place(place)

    def _place(self, place: PlaceOfCustody) -> str:
        """Each part by itself in either direction: a Persian branch in an English page would drag the rest along."""
        parts = [plain(place.name.of(self.words.language))]
        parts += [f"{self.say('branch')} {self._isolated(plain(place.branch))}"] if place.branch else []
        parts += [f"{self.say('box')} {self._isolated(plain(place.box))}"] if place.box else []
        return f"{self.say('comma')} ".join(map(self._isolated, parts))

    def _isolated(self, text: str) -> str:
        return f"\u2068{text}\u2069" if self.is_marked else text


def receipt_of(register: Register, state: MediumState, clerk: Clerk, now: datetime) -> Receipt:
    """The receipt of the hand-over that is open, else of the last one, else a draft for the next."""
    number, moved, received = _movement(register, state)
    lines, total = _content(state, clerk)
    head, head_hash = register.head
    say = clerk.say
    return Receipt(
        language=clerk.words.language,
        title=say("title"),
        office=plain(clerk.office),
        draft="" if moved is not None else say("draft"),
        fields=tuple(field for field in _fields(state, number, moved, received, clerk) if field.value),
        headings=tuple(map(say, ("object", "slot", "file", "size", "made", "level", "sha256"))),
        lines=lines,
        content=say("content"),
        total=total,
        manifest=tuple(_manifest(state, clerk)),
        check=clerk.words.say(
            "receipt", "check", data={"print": f"sha256sum {MANIFEST_FILE}", "check": f"sha256sum -c {MANIFEST_FILE}"}
        ),
        register=clerk.words.say("receipt", "register", data={"number": head, "hash": head_hash}),
        signatures=_signatures(moved, received, clerk),
        labels=(say("name"), say("signature"), say("moment")),
        printed=clerk.words.say("receipt", "printed_at", data={"moment": clerk.moment(now)}),
    )


def _movement(register: Register, state: MediumState) -> tuple[int, Moved | None, Received | None]:
    """The last hand-out, and the arrival that followed it."""
    number, moved, received = 0, None, None
    for row, entry in register.entries(state.medium):
        if isinstance(entry, Moved):
            number, moved, received = row.number, entry, None
        elif isinstance(entry, Received) and moved is not None:
            received = entry
    return number, moved, received


def _fields(
    state: MediumState, number: int, moved: Moved | None, received: Received | None, clerk: Clerk
) -> Iterator[Field]:
    added, say = state.added, clerk.say
    told = (received.receipt if received else "") or (moved.receipt if moved else "")
    yield Field(name=say("number"), value=plain(told) or (f"{state.medium}/{number}" if number else ""), is_code=True)
    yield Field(name=say("medium"), value=state.medium, is_code=True)
    yield Field(
        name=say("model"), value=" ".join(filter(None, (say(added.kind), plain(added.maker), plain(added.model))))
    )
    yield Field(name=say("serial"), value=plain(added.serial or state.device_serial), is_code=True)
    if added.capacity_bytes is not None:
        yield Field(name=say("capacity"), value=clerk.words.value("capacity_bytes", added.capacity_bytes))
    file_system = " ".join(filter(None, (plain(added.file_system), plain(state.file_system_uuid))))
    yield Field(name=say("file_system"), value=file_system, is_code=True)
    yield Field(name=say("encryption"), value=plain(added.encryption) or say("not_encrypted"))
    yield Field(name=say("key_id"), value=plain(added.key_id), is_code=True)
    yield Field(name=say("key_escrow"), value=clerk.place(added.key_escrow) if added.key_escrow else "")
    seal = moved.seal if moved is not None else state.seal
    yield Field(name=say("seal"), value=plain(seal) or say("no_seal"), is_code=bool(seal))
    yield from _movement_fields(state, moved, received, clerk)
    if state.written is not None and state.written.retention_until is not None:
        day = show_day(state.written.retention_until, clerk.words.calendar)
        yield Field(name=say("retention"), value=day, is_code=True)


def _movement_fields(
    state: MediumState, moved: Moved | None, received: Received | None, clerk: Clerk
) -> Iterator[Field]:
    say = clerk.say
    if moved is None:
        yield Field(name=say("from"), value=clerk.place(state.place))
        yield Field(name=say("to"), value=LINE)
        return
    yield Field(name=say("from"), value=clerk.place(moved.origin))
    yield Field(name=say("to"), value=clerk.place(received.place if received is not None else moved.destination))
    yield Field(name=say("reason"), value=say(moved.reason))
    container = (received.container if received is not None else "") or moved.container
    yield Field(name=say("container"), value=plain(container), is_code=True)
    yield Field(name=say("moved_at"), value=clerk.moment(moved.at), is_code=True)
    if received is not None:
        yield Field(name=say("received_at"), value=clerk.moment(received.at), is_code=True)
        yield Field(name=say("visit"), value=plain(received.visit), is_code=True)
        if received.is_seal_intact is not None:
            yield Field(name=say("seal_state"), value=say("intact" if received.is_seal_intact else "broken"))


def _content(state: MediumState, clerk: Clerk) -> tuple[tuple[tuple[str, ...], ...], str]:
    files = sorted(state.files(), key=lambda file: (file.job, file.object, file.slots, file.name))
    if not files:
        return (), clerk.say("empty")
    lines = tuple(_line(file, clerk) for file in files[:_MOST_LINES])
    size = sum(file.size_bytes for file in files)
    total = clerk.words.say("receipt", "total", data={"files": len(files), "size_bytes": size})
    left_out = len(files) - len(lines)
    if left_out:
        more = clerk.words.say("receipt", "more", data={"more": left_out, "file": MANIFEST_FILE})
        total = f"{total} {more}"
    return lines, total


def _line(file: ManifestFile, clerk: Clerk) -> tuple[str, ...]:
    return (
        plain(file.object or file.job) or "-",
        plain(" ".join(file.slots)) or "-",
        plain(file.name),
        clerk.words.value("size_bytes", file.size_bytes),
        clerk.moment(file.made_at) or "-",
        "-" if file.level is None else f"L{file.level.value} {clerk.say(f'L{file.level.value}')}",
        file.sha256[:_HASH_DIGITS],
    )


def _manifest(state: MediumState, clerk: Clerk) -> Iterator[Field]:
    if state.written is not None:
        whole = plain(state.written.manifest_hash)
        yield Field(name=clerk.say("manifest"), value=whole, is_code=True)
        yield Field(name=clerk.say("compare"), value=short_hash(whole), is_code=True)


def _signatures(moved: Moved | None, received: Received | None, clerk: Clerk) -> tuple[tuple[str, str], ...]:
    """Of the arrival, once there is one: whoever brought it and whoever took it in; until then of the hand-out."""
    last: Moved | Received | None = received if received is not None else moved
    names = ("", "", "") if last is None else (last.by, last.to, last.witness)
    roles = map(clerk.say, ("handed_over_by", "received_by", "witness"))
    return tuple(zip(roles, map(plain, names), strict=True))

"""A whole tape file: its medium, and the backup sets on it, each from SSET to its closing filemark."""

import struct
from collections.abc import Iterable
from dataclasses import dataclass, field

from itops.backup.formats import Unprovable
from itops.formats.mssql.blocks import Block, Stream, read_blocks
from itops.formats.mssql.fields import guid_at, offset_minutes, text_at
from itops.formats.mssql.record import Record, read_record
from itops.formats.mssql.window import Window

PAGE = 8192
_PAYLOADS = (b"MQDA", b"MQTL")
_DESCRIBING = (b"TAPE", b"SFMB", b"SSET", b"VOLB", b"MSCI", b"MSDA", b"MSTL", b"MSLS", b"ESET", b"EOTM")
_ACCOUNTED = (b"APAD", b"SPAD", b"CSUM", *_PAYLOADS)
_LEAD = 2  # a payload begins this far behind its header
_COPY_ONLY = 2
_MOST_STRIPES = 64  # SQL Server writes to no more devices at once
_BLOCKS_BEFORE_CONTENT = 16  # TAPE SFMB SSET VOLB MSCI, and room for what we have not met


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """The medium of one file. Source: the TAPE block and its RAID stream."""

    software: str
    family: int
    set_id: str | None  # what the stripes of one set share
    stripes: int
    mirrors: int
    stripe: int  # this one's number


@dataclass(frozen=True, slots=True, kw_only=True)
class Payload:
    """Database pages or log bytes in the file, and the checksum that follows them."""

    is_pages: bool
    begin: int
    length: int
    checksum: int | None


@dataclass(slots=True, kw_only=True)
class BackupSet:
    """One backup on the tape, as far as its blocks were read."""

    number: int
    name: str | None
    utc_offset_minutes: int | None
    is_copy_only: bool
    device: str | None = None
    machine: str | None = None
    content: Record | None = None  # as it began
    ending: Record | None = None  # as it ended
    payloads: list[Payload] = field(default_factory=list)
    unknown_bytes: int = 0  # in blocks of kinds that are walked, no more: FILESTREAM, what is yet to come
    has_end_mark: bool = False
    is_closed: bool = False

    @property
    def begun(self) -> Record:
        """The record it began with; raises Unprovable("structure-unknown"): a tape of another program."""
        if self.content is None:
            raise Unprovable("structure-unknown", block="MSCI")
        return self.content


@dataclass(frozen=True, slots=True, kw_only=True)
class Tape:
    """One file."""

    media: Media
    sets: tuple[BackupSet, ...]


def read_media(window: Window, block: Block) -> Media:
    """What the first block tells; raises Damaged when it is not a TAPE block, Unprovable for impossible stripes."""
    if block.kind != b"TAPE" or len(block.fields) < 86:
        raise window.wrong("structure-damaged", block.offset)
    raid = next((stream for stream in block.streams if stream.kind == b"RAID"), None)
    payload = b"" if raid is None else window.at(raid.payload, min(raid.length, 26))
    stripes, mirrors, stripe = struct.unpack_from("<3H", payload, 20) if len(payload) >= 26 else (1, 1, 1)
    if stripes > _MOST_STRIPES:
        raise Unprovable("structure-unknown", block="TAPE")
    return Media(
        software=text_at(block.fields, 80) or "",
        family=struct.unpack_from("<I", block.fields, 52)[0],
        set_id=guid_at(payload, 0),
        stripes=max(1, stripes),
        mirrors=max(1, mirrors),
        stripe=stripe,
    )


def begin_tape(window: Window) -> Tape:
    """The medium and the beginning of the first set: a few KiB of the file."""
    blocks = read_blocks(window)
    media = read_media(window, next(blocks))
    sets: list[BackupSet] = []
    for number, block in enumerate(blocks):
        _take(window, sets, block)
        if sets and sets[-1].content is not None:
            return Tape(media=media, sets=tuple(sets))
        if number == _BLOCKS_BEFORE_CONTENT:
            raise Unprovable("structure-unknown", block="MSCI")
    raise window.wrong("unfinished", window.size, missing="MSCI")


def open_tape(window: Window) -> Media:
    """The medium alone."""
    return read_media(window, next(read_blocks(window)))


def walk_tape(window: Window) -> Tape:
    """Everything, block by block, to the last byte; raises Damaged unless every set is finished and closed."""
    blocks = read_blocks(window)
    media = read_media(window, next(blocks))
    sets: list[BackupSet] = []
    for block in blocks:
        if block.kind == b"SSET" and sets:
            _expect_finished(window, sets[-1], block.offset)
        _take(window, sets, block)
    if not sets:
        raise window.wrong("unfinished", window.size, missing="SSET")
    _expect_finished(window, sets[-1], window.size)
    return Tape(media=media, sets=tuple(sets))


def _expect_finished(window: Window, backup: BackupSet, offset: int) -> None:
    """A backup that was interrupted has no ending record, or one without a finish date, or no end mark."""
    missing = None
    if backup.content is None:
        missing = "MSCI"
    elif backup.ending is None:
        missing = "MSLS"
    elif backup.ending.finished is None:
        missing = "finish date"
    elif not backup.is_closed:
        missing = "ESET"
    if missing is not None:
        raise window.wrong("unfinished", offset, missing=missing)


def _take(window: Window, sets: list[BackupSet], block: Block) -> None:
    """Add what the block tells. Blocks of other kinds (FILESTREAM, what is yet to come) are walked, no more."""
    if block.kind == b"SSET":
        sets.append(_begun_set(window, block))
    elif sets:
        _add(window, sets[-1], block)
    elif block.kind != b"SFMB":
        raise window.wrong("structure-damaged", block.offset)


def _begun_set(window: Window, block: Block) -> BackupSet:
    if len(block.fields) < 96:
        raise window.wrong("structure-damaged", block.offset)
    attributes, number = struct.unpack_from("<I6xH", block.fields, 52)
    (quarters,) = struct.unpack_from("<b", block.fields, 95)
    return BackupSet(
        number=number,
        name=text_at(block.fields, 64),
        utc_offset_minutes=offset_minutes(quarters),
        is_copy_only=bool(attributes & _COPY_ONLY),
    )


def _add(window: Window, backup: BackupSet, block: Block) -> None:
    backup.is_closed = block.kind == b"SFMB" and backup.has_end_mark
    if block.kind == b"VOLB" and len(block.fields) >= 68:
        backup.device, backup.machine = text_at(block.fields, 56), text_at(block.fields, 64)
    elif block.kind == b"MSCI":
        backup.content = read_record(window, block)
    elif block.kind == b"MSLS":
        backup.ending = read_record(window, block)
    elif block.kind == b"ESET":
        backup.has_end_mark = True
    elif block.kind not in _DESCRIBING:
        backup.unknown_bytes += sum(stream.length for stream in block.streams if stream.kind not in _ACCOUNTED)
    backup.payloads.extend(_payloads(window, block.streams))


def _payloads(window: Window, streams: Iterable[Stream]) -> Iterable[Payload]:
    last: Stream | None = None
    for stream in streams:
        if last is not None:
            yield _payload(last, window, stream if stream.kind == b"CSUM" else None)
        last = stream if stream.kind in _PAYLOADS and stream.length > _LEAD else None


def _payload(stream: Stream, window: Window, sum_stream: Stream | None) -> Payload:
    """The checksum is the last word of the stream that follows."""
    checksum = None
    if stream.is_summed and sum_stream is not None and 4 <= sum_stream.length <= 64:
        value = window.at(sum_stream.payload, sum_stream.length)
        checksum = int.from_bytes(value[-4:], "little")
    return Payload(
        is_pages=stream.kind == b"MQDA",
        begin=stream.payload + _LEAD,
        length=stream.length - _LEAD,
        checksum=checksum,
    )

"""Climb a format's ladder, rung by rung, as far as it is asked and as the file bears."""

from collections.abc import Callable, Iterable

from itops import __version__
from itops.backup.contents import Thing
from itops.backup.copies import Fault, Identity
from itops.backup.formats import Damaged, Effort, Format, Unprovable, Unrecognised
from itops.backup.levels import Level
from itops.backup.proofs import Examination, Limit
from itops.formats.hashing import Hashed
from itops.formats.recognition import recognise, unrecognised


def examine(thing: Thing, formats: Iterable[Format], effort: Effort) -> Examination:
    """What `thing` is and how far it is proven. Never raises for any content; OSError for a file that cannot be read.

    A lone file of a known format that was asked to be intact, or of no known format that was asked for more than
    seen, is hashed as well: where no format can tell, the hash taken when it was made is the only proof.
    """
    formats = tuple(formats)
    format = recognise(thing, formats)  # noqa: A001  the field's word
    hashed = Thing(path=thing.path, files=tuple(map(Hashed, thing.files)), is_folder=thing.is_folder, head=thing.head)
    if format is None:
        return _unknown(unrecognised(thing, formats), hashed, effort)
    return _climbed(format, hashed, effort)


def _unknown(reason: Unrecognised, thing: Thing, effort: Effort) -> Examination:
    fault = Fault(code=reason.code, facts=reason.facts)
    is_fault = reason.code != "unknown-format"
    return Examination(
        format=None,
        attempted=effort.level,
        level=None if is_fault else Level.SEEN,
        faults=(fault,) if is_fault else (),
        limits=() if is_fault else (Limit(code=reason.code, facts=reason.facts),),
        sha256=None if is_fault else _sha256(thing, effort),
        tool_version=__version__,
    )


def _climbed(format: Format, thing: Thing, effort: Effort) -> Examination:  # noqa: A002
    identity: Identity | None = None
    level = Level.SEEN
    faults: tuple[Fault, ...] = ()
    limits: tuple[Limit, ...] = ()
    rungs: tuple[tuple[Level, Callable[[], Identity]], ...] = (
        (Level.IDENTIFIED, lambda: format.identify(thing, effort)),
        (Level.COMPLETE, lambda: format.walk(thing, effort, identity or Identity())),
        (Level.INTACT, lambda: format.read(thing, effort, identity or Identity())),
    )
    try:
        for rung, climb in rungs:
            if rung > effort.level:
                break
            if rung > format.highest:
                limits = (Limit(code="no-checksums" if rung is Level.INTACT else "structure-unknown"),)
                break
            identity = climb()
            level = rung
    except Damaged as damage:
        faults = damage.faults
    except Unprovable as unprovable:
        limits = (unprovable.limit,)
    return Examination(
        format=format.name,
        attempted=effort.level,
        level=level,
        identity=identity,
        faults=faults,
        limits=limits,
        sha256=None if faults else _sha256(thing, effort),
        tool_version=__version__,
    )


def _sha256(thing: Thing, effort: Effort) -> str | None:
    """Of a lone file that was to be read whole, unless its time is up."""
    if effort.seconds_left <= 0:
        return None
    if effort.level < Level.INTACT or thing.is_folder or len(thing.files) != 1:
        return None
    return thing.file.digest()

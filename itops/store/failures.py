"""What a database error means to the person on duty. No driver is imported here: readers start fast."""

from itops.errors import ItopsError, StoreEmpty, StoreLocked, StoreUnavailable

_SCAN = "run: itops inventory scan"
_RESTORE = "put a backup of the state folder back, or move itops.db away and scan anew: its history is then lost"
_BUSY = ("database is locked", "lock timeout", "database table is locked")
_REMEDIES = (
    ("full", "free some space on the disk that holds the store, then run the command again"),
    ("readonly", "let the account that runs itops write the state folder and the files in it"),
    ("read-only", "let the account that runs itops write the state folder and the files in it"),
    ("permission", "let the account that runs itops write the state folder and the files in it"),
    ("unable to open", "check that the state folder exists and that the account that runs itops may use it"),
    ("malformed", _RESTORE),
    ("not a database", _RESTORE),
    ("disk i/o", "see that the disk that holds the store is sound and has free space, then run the command again"),
    ("too large", "free some space on the disk that holds the store, then run the command again"),
    ("no space", "free some space on the disk that holds the store, then run the command again"),
    ("password", "check the store's password in itops.yaml, then run: itops doctor"),
)
_ELSE = "check that the store's disk or server is there, then run: itops doctor"


def explained(error: BaseException, place: str) -> ItopsError:
    """A driver's or the system's error as one of ours."""
    said = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    lines = said.strip().splitlines()
    reason = lines[0] if lines else type(error).__name__
    lowered = reason.lower()
    if any(word in lowered for word in _BUSY):
        return locked(place)
    remedy = next((remedy for word, remedy in _REMEDIES if word in lowered), _ELSE)
    return StoreUnavailable(f"the store {place} cannot be used: {reason}", remedy=remedy)


def locked(place: str) -> StoreLocked:
    """Somebody else is writing, and went on longer than we wait."""
    return StoreLocked(
        f"another itops is writing to the store {place}",
        remedy="wait until it has finished, then run the command again",
    )


def no_store_yet(place: str) -> StoreEmpty:
    """There is no store: nobody has scanned."""
    return StoreEmpty(f"there is no store yet at {place}", remedy=_SCAN)


def wrong_encoding(place: str, found: str) -> StoreUnavailable:
    """A database that cannot hold every name: better refused while it is empty."""
    return StoreUnavailable(
        f"the store {place} has the encoding {found}, in which not every name can be written",
        remedy="create its database anew: CREATE DATABASE ... ENCODING 'UTF8' TEMPLATE template0",
    )


def schema_too_new(place: str, found: int, known: int) -> StoreUnavailable:
    """Written by a later itops: to guess at its meaning could lose what it knows."""
    return StoreUnavailable(
        f"the store {place} was written by a newer itops (schema {found}; this one knows {known})",
        remedy="update itops on this machine",
    )


def schema_too_old(place: str, found: int, known: int) -> StoreUnavailable:
    """A reader changes nothing, so it cannot migrate either."""
    return StoreUnavailable(
        f"the store {place} was written by an older itops (schema {found}; this one reads {known})",
        remedy=f"{_SCAN} (it brings the store up to date after making a backup)",
    )

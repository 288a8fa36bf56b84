"""The office's own file of support ends, which itops.yaml names."""

from datetime import UTC, datetime
from pathlib import Path

from itops.assets.support_ends import Parsed, parse
from itops.errors import ConfigInvalid

_MOST_BYTES = 20_000_000


def read_support_ends(path: Path) -> Parsed:
    """What the file says; it was checked on the day it was last written. Raises ConfigInvalid."""
    remedy = "give assets.support_ends a JSON list of {product, cycle, eol} as endoflife.date has it"
    try:
        with path.open("rb") as file:
            raw = file.read(_MOST_BYTES + 1)
        written_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError as failure:
        raise ConfigInvalid(f"cannot read {path}: {failure.strerror or failure}", remedy=remedy) from failure
    if len(raw) > _MOST_BYTES:
        raise ConfigInvalid(f"{path.name} is larger than {_MOST_BYTES:,} bytes", remedy=remedy)
    try:
        return parse(raw.decode("utf-8-sig"), path.name, written_at.date())
    except ValueError as wrong:  # UnicodeDecodeError is one, too
        reason = "it is not UTF-8" if isinstance(wrong, UnicodeDecodeError) else str(wrong)
        raise ConfigInvalid(f"{path.name} holds no ends of support: {reason}", remedy=remedy) from wrong

"""Writing a file so that nobody ever finds half of it: beside its place first, then moved over it in one step."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from itops.errors import StoreUnavailable, UsageWrong


@contextmanager
def replacing(out: Path) -> Iterator[Path]:
    """A path to write to; when the block ends well it becomes `out`, when not it is removed and `out` is as before."""
    if not out.parent.is_dir():
        raise UsageWrong(f"there is no folder {out.parent}", remedy="make the folder, or write somewhere else")
    if out.is_dir():
        raise UsageWrong(f"{out} is a folder", remedy="name a file in it")
    partial = out.with_name(f".{out.name}.{os.getpid()}.part")
    try:
        yield partial
        with partial.open("rb+") as written:
            os.fsync(written.fileno())
        partial.replace(out)
    except OSError as failure:
        raise StoreUnavailable(
            f"cannot write {out}: {failure.strerror or failure}", remedy="check free space and rights of the folder"
        ) from failure
    finally:
        partial.unlink(missing_ok=True)

"""How many devices may be asked at once by all sources of type snmp together: each takes a file descriptor.

Sources run beside each other. Without this the scan of six county offices would find no descriptor left, and what was
never asked would seem silent.
"""

from threading import Lock

_MOST = 4096
_WITHOUT_LIMIT = 512  # where the system does not tell


class Places:
    """For several threads."""

    def __init__(self, count: int) -> None:
        self._free = count
        self._lock = Lock()

    def take(self, most: int) -> int:
        """As many as are free, at most so many."""
        with self._lock:
            taken = max(0, min(most, self._free))
            self._free -= taken
            return taken

    def give_back(self, count: int) -> None:
        """As many as were taken."""
        with self._lock:
            self._free += count


def _room() -> int:
    """Half of what this process may open; the rest is for the store, other sources and libraries."""
    try:
        from resource import RLIMIT_NOFILE, getrlimit  # noqa: PLC0415  not there on Windows
    except ImportError:
        return _WITHOUT_LIMIT
    soft, _ = getrlimit(RLIMIT_NOFILE)
    return _MOST if soft < 0 else max(8, min(_MOST, soft // 2))


PLACES = Places(_room())

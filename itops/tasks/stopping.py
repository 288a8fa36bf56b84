"""Reading that can be broken off: Ctrl-C must not wait for the last gigabyte of a terabyte."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import replace

from itops.backup.contents import Content, Thing, Wrapped


class _Stopped(OSError):
    """Somebody broke the reading off: nothing is known of what was read so far."""


class _Stoppable(Wrapped):
    """A Content whose next reading fails as soon as `is_stopped`."""

    def __init__(self, content: Content, is_stopped: Callable[[], bool]) -> None:
        super().__init__(content)
        self._is_stopped = is_stopped

    def read_at(self, offset: int, length: int) -> bytes:
        """As the content's."""
        self._go_on()
        return super().read_at(offset, length)

    def chunks(self) -> Iterator[bytes]:
        """As the content's."""
        for chunk in super().chunks():
            self._go_on()
            yield chunk

    def digest(self) -> str:
        """As the content's; what lies here is hashed block by block, what lies far away over there."""
        if self.local_path is None:
            self._go_on()
            return super().digest()
        sha256 = hashlib.sha256()
        for chunk in self.chunks():
            sha256.update(chunk)
        return sha256.hexdigest()

    def _go_on(self) -> None:
        if self._is_stopped():
            raise _Stopped("the reading was broken off")


def stoppable(thing: Thing, is_stopped: Callable[[], bool]) -> Thing:
    """The same thing, whose reading raises OSError once `is_stopped`."""
    return replace(thing, files=tuple(_Stoppable(content, is_stopped) for content in thing.files))

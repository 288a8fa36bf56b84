"""Everything asked of one device, and all that it said, within bounds: some answer for ever, or in circles."""

from collections.abc import Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from enum import StrEnum

from itops.sources.snmp.client import Client, NoAnswer, Refused, Unreadable, Value

_AT_ONCE = 8  # OIDs in one question: old cards send at most 484 octets
_REPETITIONS = (20, 5, 1)  # rows in one answer; fewer where many do not fit
_MOST_OCTETS = 4 * 1024 * 1024  # of one device
_EACH = 24  # octets that a number counts for
_CANARY = "1.3.6.1.2.1.1.3.0"  # sysUpTime: was it given before and is missing, then the answer is an error


class Trouble(StrEnum):
    """Why something that a device has was not read."""

    UNENDING = "unending"
    TOO_MUCH = "too-much"
    UNREADABLE = "unreadable"
    BROKE_OFF = "broke-off"
    TOO_SLOW = "too-slow"


class BrokeOff(Exception):
    """The device said something before, and nothing any more."""


@dataclass(slots=True, kw_only=True)
class Conversation:
    """One device. `answers` grows while it is asked, and stays good when it breaks off."""

    client: Client
    table_rows: int
    answers: dict[str, Value] = field(default_factory=dict)
    troubles: dict[Trouble, list[str]] = field(default_factory=dict)  # with the OIDs asked for
    _octets: int = 0

    async def get(self, oids: Sequence[str]) -> None:
        """Single values. Raises BrokeOff; a device that chokes on several is asked for each alone."""
        for begin in range(0, len(oids), _AT_ONCE):
            await self._get(oids[begin : begin + _AT_ONCE])

    async def _get(self, oids: Sequence[str]) -> None:
        has_canary = len(oids) > 1 and _CANARY in self.answers
        try:
            found = await self.client.get([*oids, _CANARY] if has_canary else oids)
        except NoAnswer:
            if len(oids) == 1 or not self.answers:  # most addresses are nobody's: once is enough
                raise BrokeOff from None
            await self._singly(oids)
        except (Unreadable, Refused) as failure:
            if isinstance(failure, Refused) and not self.answers:
                raise
            if len(oids) == 1:
                self._note(Trouble.UNREADABLE, oids[0])
                return
            await self._singly(oids)
        else:
            await self._keep(oids, found, is_broken=found.get(_CANARY) is None if has_canary else not found)

    async def _keep(self, oids: Sequence[str], found: Mapping[str, Value], *, is_broken: bool) -> None:
        """One value that a device fails to give spoils the whole answer, and some libraries do not show that."""
        if is_broken and len(oids) > 1:
            await self._singly(oids)
            return
        self.answers.update((oid, value) for oid, value in found.items() if value is not None)
        self._octets += sum(map(_size, found.values()))

    async def _singly(self, oids: Sequence[str]) -> None:
        for oid in oids:
            await self._get([oid])

    async def table(self, root: str) -> None:
        """All below `root`, as far as it goes. Raises BrokeOff."""
        if self._octets > _MOST_OCTETS:
            self._note(Trouble.TOO_MUCH, root)
            return
        failure: Exception | None = None
        for repetitions in _REPETITIONS:
            try:
                await self._walk(root, repetitions)
            except (NoAnswer, Unreadable, Refused) as failed:
                failure = failed
                if isinstance(failed, NoAnswer):
                    await self._is_still_there()
            else:
                return
        self._note(Trouble.BROKE_OFF if isinstance(failure, NoAnswer) else Trouble.UNREADABLE, root)

    async def _is_still_there(self) -> None:
        """Some devices stay silent where an answer would be too long; they answer a short question."""
        with suppress(Unreadable, Refused):  # it is there
            try:
                await self.client.get([_CANARY])
            except NoAnswer:
                raise BrokeOff from None

    async def _walk(self, root: str, repetitions: int) -> None:
        last = _parts(root)
        begin = last
        count = 0
        async with aclosing(self.client.walk(root, repetitions)) as rows:
            async for oid, value in rows:
                here = _parts(oid)
                if here[: len(begin)] != begin:
                    return
                if here <= last:
                    self._note(Trouble.UNENDING, root)
                    return
                last, count = here, count + 1
                self._octets += _size(value) + len(oid)
                if count > self.table_rows or self._octets > _MOST_OCTETS:
                    self._note(Trouble.TOO_MUCH, root)
                    return
                self.answers[oid] = value

    def _note(self, trouble: Trouble, root: str) -> None:
        self.troubles.setdefault(trouble, []).append(root)


def _parts(oid: str) -> tuple[int, ...]:
    return tuple(int(part) for part in oid.split("."))


def _size(value: Value) -> int:
    return len(value) if isinstance(value, bytes | str) else _EACH

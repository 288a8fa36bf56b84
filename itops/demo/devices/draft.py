"""A recording while it is being made: short words for values, dice for what is fictional, and the truth beside it."""

import random
from collections.abc import Iterable
from dataclasses import dataclass, field

from itops.demo.devices.ber import Oid
from itops.demo.devices.recording import Recording, Type, Value, numbers_of, recording_of

_SYSTEM = "1.3.6.1.2.1.1"
_INTERFACES = "1.3.6.1.2.1.2.2.1"
_LETTERS, _DIGITS = "ABCDEFGHJKLMNPRSTUVWXYZ", "0123456789"


def text(content: str) -> Value:
    """A text, in UTF-8."""
    return Value(Type.STR, content.encode())


def raw(content: bytes) -> Value:
    """Bytes that are no text."""
    return Value(Type.HEX, content)


def whole(number: int) -> Value:
    """A whole number."""
    return Value(Type.INT, number)


def gauge(number: int) -> Value:
    """What goes up and down."""
    return Value(Type.GAUGE, number)


def counter(number: int) -> Value:
    """What only goes up."""
    return Value(Type.COUNTER32, number)


def ticks(number: int) -> Value:
    """Hundredths of a second."""
    return Value(Type.TICKS, number)


def pointer(oid: str) -> Value:
    """An object identifier as a value."""
    return Value(Type.OID, numbers_of(oid))


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeDevice:
    """A fictional device, and the truth that a collector should find: None where the device does not tell it."""

    name: str
    family: str
    kind: str  # a value of AssetKind: what it is, whether it says so or not
    vendor: str | None
    model: str | None
    serial: str | None
    mac: str | None  # of its management interface, 12 lower-case hex digits
    traps: tuple[str, ...]  # what was made awkward, by name of the trap
    recording: Recording


@dataclass(slots=True)
class Draft:
    """One device in the making."""

    name: str
    seed: str
    values: dict[Oid, Value] = field(default_factory=dict)
    dice: random.Random = field(init=False)
    family: str = ""
    kind: str = "other"
    vendor: str | None = None
    model: str | None = None
    serial: str | None = None
    mac: str | None = None
    serial_oids: list[Oid] = field(default_factory=list)
    traps: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.dice = random.Random(self.seed)  # noqa: S311  not for secrets

    def put(self, oid: str, value: Value) -> None:
        """One value."""
        self.values[numbers_of(oid)] = value

    def put_row(self, column: str, index: int | str, values: Iterable[tuple[int, Value]]) -> None:
        """One row of a table: `column` is the entry, each value has the number of its column."""
        for number, value in values:
            self.put(f"{column}.{number}.{index}", value)

    def put_serial(self, oid: str, value: Value | None = None) -> None:
        """The serial number, as the device writes it there."""
        assert self.serial is not None
        self.put(oid, text(self.serial) if value is None else value)
        self.serial_oids.append(numbers_of(oid))

    def is_a(self, family: str, kind: str, vendor: str | None, model: str | None, mark: str) -> None:
        """Who it is; `mark` begins its serial number, which is of no maker's form."""
        self.family, self.kind, self.vendor, self.model = family, kind, vendor, model
        self.serial = mark + self.signs(_LETTERS, 2) + self.signs(_DIGITS, 6) + self.signs(_LETTERS, 1)

    def signs(self, alphabet: str, count: int) -> str:
        """Some of these letters."""
        return "".join(self.dice.choice(alphabet) for _ in range(count))

    def mac_bytes(self) -> bytes:
        """An address that looks burnt in: neither a group's nor locally administered."""
        return bytes((0x00, 0x5D, 0x40 + self.dice.randrange(16))) + self.dice.randbytes(3)

    def put_system(self, description: str, object_id: str, place: str = "") -> None:
        """The system group."""
        for number, value in (
            (1, text(description)),
            (2, pointer(object_id)),
            (3, ticks(self.dice.randrange(1 << 32))),
            (4, text("it@office.example")),
            (5, text(self.name)),
            (6, text(place)),
            (7, whole(72)),
        ):
            self.put(f"{_SYSTEM}.{number}.0", value)

    def put_interfaces(self, count: int, name: str = "Port {}", *, has_loopback: bool = False) -> None:
        """Ethernet interfaces with MACs in a row, the first of which is the device's own; 24 is a loopback."""
        first = self.mac_bytes()
        self.mac = first.hex()
        rows = [(number, 6, name.format(number), _plus(first, number - 1)) for number in range(1, count + 1)]
        if has_loopback:
            rows.append((count + 1, 24, "lo", b""))
        for index, kind, label, mac in rows:
            values = (whole(index), text(label), whole(kind), whole(1500), gauge(1_000_000_000), raw(mac))
            self.put_row(_INTERFACES, index, enumerate((*values, whole(1), whole(1)), 1))
            self.put_row(_INTERFACES, index, ((10, counter(self.dice.randrange(1 << 32))),))

    def made(self) -> MadeDevice:
        """The device and the truth about it."""
        return MadeDevice(
            name=self.name,
            family=self.family,
            kind=self.kind,
            vendor=self.vendor,
            model=self.model,
            serial=self.serial,
            mac=self.mac,
            traps=tuple(self.traps),
            recording=recording_of(self.values),
        )


def _plus(mac: bytes, number: int) -> bytes:
    return ((int.from_bytes(mac, "big") + number) % (1 << 48)).to_bytes(6, "big")

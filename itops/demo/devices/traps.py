"""What makes true devices hard to read, laid over the fictional ones. Each was seen in recordings of real devices."""

from collections.abc import Callable, Mapping

from itops.demo.devices.draft import Draft, pointer, raw, text
from itops.demo.devices.recording import Type, Value, numbers_of

JUNK_SERIALS = (
    "To be filled by O.E.M.",
    "System Serial Number",
    "Default string",
    "0123456789",
    "123456789012",
    "FFFFFFFFFFFF",
    "................",
    "00000000",
    "N/A",
    "None",
    "<private>",
    "INVALID",
    "",
)
_SYSTEM = "1.3.6.1.2.1.1.{}.0"
_MAC_COLUMN = numbers_of("1.3.6.1.2.1.2.2.1.6")
_LONG_TEXT = 3000
_SOME = 1 / 4


def _junk_serial(draft: Draft) -> None:
    """Something stands where the serial should be, and it is none."""
    if draft.serial_oids:
        junk = draft.dice.choice(JUNK_SERIALS)
        for oid in draft.serial_oids:
            draft.values[oid] = text(junk)
        draft.serial = None


def _padded_serial(draft: Draft) -> None:
    """NULs and spaces around it."""
    for oid in draft.serial_oids:
        content = draft.values[oid].content
        assert isinstance(content, bytes)
        draft.values[oid] = raw(content + b" " * draft.dice.randrange(4) + b"\0" * draft.dice.randrange(1, 8))


def _numbers_as_text(draft: Draft) -> None:
    """Numbers written as text."""
    for oid, value in draft.values.items():
        if isinstance(value.content, int) and draft.dice.random() < _SOME:
            draft.values[oid] = text(str(value.content))


def _texts_as_null(draft: Draft) -> None:
    """Values without a value."""
    for oid, value in draft.values.items():
        if value.type is Type.STR and oid not in draft.serial_oids and draft.dice.random() < _SOME:
            draft.values[oid] = Value(Type.NULL)
    draft.model = None  # nobody can know any more whether it is still told
    if {"serial-in-description", "serial-in-name"} & set(draft.traps):
        draft.serial = None


def _no_macs(draft: Draft) -> None:
    """Interfaces with the address that everybody has, or none."""
    for oid in draft.values:
        if oid[: len(_MAC_COLUMN)] == _MAC_COLUMN:
            draft.values[oid] = raw(draft.dice.choice((bytes(6), b"", b"\xff" * 6)))
    draft.mac = None


def _private_name(draft: Draft) -> None:
    """Somebody thought it better not to say."""
    draft.put(_SYSTEM.format(5), text("<private>"))


def _controls(draft: Draft) -> None:
    """Characters that steer a terminal or turn the line around."""
    draft.put(_SYSTEM.format(6), text("rack 3\r\n\x1b[31mred\x07 \u202eright to left\u2066"))


def _other_alphabet(draft: Draft) -> None:
    """Persian in Windows-1256, which is no UTF-8."""
    draft.put(_SYSTEM.format(6), raw("اتاق سرور".encode("cp1256", "replace")))


def _long_text(draft: Draft) -> None:
    """A place that no frame holds."""
    draft.put(_SYSTEM.format(6), text("x" * _LONG_TEXT))


def _strange_types(draft: Draft) -> None:
    """The object identifier as text, the uptime as a text, the name as an object identifier."""
    object_id = numbers_of(_SYSTEM.format(2))
    draft.values[object_id] = text("SNMPv2-SMI::enterprises")
    draft.put(_SYSTEM.format(3), text("12 days, 4:03:22.10"))
    draft.put(_SYSTEM.format(5), pointer("1.3.6.1"))
    draft.vendor = draft.model = None  # it need not be told otherwise


TRAPS: Mapping[str, Callable[[Draft], None]] = {
    "junk-serial": _junk_serial,
    "padded-serial": _padded_serial,
    "numbers-as-text": _numbers_as_text,
    "texts-as-null": _texts_as_null,
    "no-macs": _no_macs,
    "private-name": _private_name,
    "control-characters": _controls,
    "other-alphabet": _other_alphabet,
    "long-text": _long_text,
    "strange-types": _strange_types,
}

"""ENTITY-MIB: the chassis and their serials; those of modules, transceivers and USB controllers are nobody's."""

from dataclasses import dataclass

from itops.sources.snmp.client import Answers
from itops.sources.snmp.values import column, first_text, is_nothing, number, text

_TABLE = "1.3.6.1.2.1.47.1.1.1.1."
CLASSES = _TABLE + "5"
_DESCRIPTION, _INSIDE, _POSITION, _HARDWARE, _FIRMWARE, _SOFTWARE, _SERIAL, _MAKER, _MODEL, _TAG = (
    _TABLE + number for number in ("2", "4", "6", "8", "9", "10", "11", "12", "13", "15")
)
_COLUMNS = (_DESCRIPTION, _INSIDE, _POSITION, _HARDWARE, _FIRMWARE, _SOFTWARE, _SERIAL, _MAKER, _MODEL, _TAG)
_CHASSIS = 3
_STACK = 11
_MOST = 16  # members of a stack; no maker stacks more


@dataclass(frozen=True, slots=True, kw_only=True)
class Chassis:
    """One box: the device, or one member of a stack."""

    number: int
    description: str | None = None
    vendor: str | None = None
    model: str | None = None
    serial: str | None = None
    firmware: str | None = None
    asset_tag: str | None = None


def questions(answers: Answers) -> tuple[str, ...]:
    """What to ask once the classes are known: the rows of the chassis and nothing else."""
    return tuple(f"{name}.{index}" for index in _boxes(answers) for name in _COLUMNS)


def _classes(answers: Answers) -> dict[str, int | None]:
    return {index: number(value) for index, value in column(answers, CLASSES).items()}


def _boxes(answers: Answers) -> list[str]:
    classes = _classes(answers)
    boxes = [index for index, kind in classes.items() if kind == _CHASSIS]
    return (boxes or [index for index, kind in classes.items() if kind == _STACK][:1])[:_MOST]


def chassis(answers: Answers) -> tuple[Chassis, ...]:
    """The device's box; several where it is a stack: those with serials of their own, in none of the other boxes.

    A box that says no serial is a drawing of the box inside it. One that says a placeholder is a member of a stack
    like the others, and beside a better one nothing at all.
    """
    boxes = _boxes(answers)
    found = {index: _chassis(answers, index, count) for count, index in enumerate(boxes, start=1)}
    told = [index for index in boxes if found[index].serial]
    outer = [found[index] for index in told if text(answers.get(f"{_INSIDE}.{index}")) not in told]
    good = [box for box in outer if not is_nothing(box.serial or "")]
    if outer and _STACK in _classes(answers).values():
        good = [outer[0], *(box for box in good if box is not outer[0])]
    members = {box.serial: box for box in reversed(good)}  # one serial told twice is one box, the first
    return tuple(box for box in good if members[box.serial] is box) or tuple(found.values())[:1]


def _chassis(answers: Answers, index: str, count: int) -> Chassis:
    position = number(answers.get(f"{_POSITION}.{index}"))
    return Chassis(
        number=position if position and position > 0 else count,
        description=text(answers.get(f"{_DESCRIPTION}.{index}")),
        vendor=text(answers.get(f"{_MAKER}.{index}")),
        model=text(answers.get(f"{_MODEL}.{index}")),
        serial=text(answers.get(f"{_SERIAL}.{index}")),
        firmware=first_text(answers, f"{_SOFTWARE}.{index}", f"{_FIRMWARE}.{index}"),
        asset_tag=text(answers.get(f"{_TAG}.{index}")),
    )

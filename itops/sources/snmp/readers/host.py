"""HOST-RESOURCES-MIB: memory, processors, and where printers keep their model."""

from itops.sources.snmp.client import Answers
from itops.sources.snmp.values import column, number, text

MEMORY = "1.3.6.1.2.1.25.2.2.0"  # KiB
DEVICE_TYPES = "1.3.6.1.2.1.25.3.2.1.2"
DEVICE_DESCRIPTIONS = "1.3.6.1.2.1.25.3.2.1.3"
FIRST_DEVICE = DEVICE_DESCRIPTIONS + ".1"
SCALARS = (MEMORY, FIRST_DEVICE)
TABLES = (DEVICE_TYPES, DEVICE_DESCRIPTIONS)
_PROCESSOR = "1.3.6.1.2.1.25.3.1.3"
_MOST_MEMORY = 2**40  # KiB


def memory_bytes(answers: Answers) -> int | None:
    """What the operating system has: a little less than what is built in."""
    kib = number(answers.get(MEMORY))
    return kib * 1024 if kib is not None and 0 < kib < _MOST_MEMORY else None


def processor(answers: Answers) -> str | None:
    """The processor's name; how many cores and sockets there are is not told, only how many threads run."""
    types = column(answers, DEVICE_TYPES)
    for index, kind in types.items():
        name = text(answers.get(f"{DEVICE_DESCRIPTIONS}.{index}"))
        if kind == _PROCESSOR and name:
            maker, _, model = name.partition(": ")  # net-snmp: "GenuineIntel: Intel(R) Xeon(R) ..."
            return model if model and " " not in maker else name
    return None

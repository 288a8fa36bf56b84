"""The system group (SNMPv2-MIB), which every agent has."""

import re

from itops.sources.snmp.client import Answers
from itops.sources.snmp.values import number, text

DESCRIPTION = "1.3.6.1.2.1.1.1.0"
OBJECT_ID = "1.3.6.1.2.1.1.2.0"
UP_TIME = "1.3.6.1.2.1.1.3.0"  # hundredths of a second since the agent began
NAME = "1.3.6.1.2.1.1.5.0"
PLACE = "1.3.6.1.2.1.1.6.0"
HOST_UP_TIME = "1.3.6.1.2.1.25.1.1.0"  # since the host began
SCALARS = (DESCRIPTION, OBJECT_ID, UP_TIME, NAME, PLACE, HOST_UP_TIME)

_LINUX = re.compile(r"Linux \S+ (?P<version>[0-9]\S*)")
_WINDOWS = re.compile(r"Software: Windows (?:\S+ )?Version (?P<version>[0-9.]+)(?: \(Build (?P<build>[0-9]+))?")


def object_id(answers: Answers) -> str:
    """sysObjectID; empty where there is none. Some agents write it with a dot in front."""
    value = answers.get(OBJECT_ID)
    found = value if isinstance(value, str) else text(value) or ""
    return found.strip().lstrip(".")


def unquoted(found: str | None) -> str | None:
    """net-snmp keeps the quotes of its configuration file."""
    if found and len(found) > 1 and found[0] == found[-1] == '"':
        return found[1:-1].strip() or None
    return found


def host_name(answers: Answers) -> str | None:
    """sysName."""
    return unquoted(text(answers.get(NAME)))


def place(answers: Answers) -> str | None:
    """sysLocation."""
    return unquoted(text(answers.get(PLACE)))


def uptime_seconds(answers: Answers) -> int | None:
    """Of the host where it tells, else of the agent; the latter begins anew every 497 days."""
    ticks = number(answers.get(HOST_UP_TIME)) or number(answers.get(UP_TIME))
    return ticks // 100 if ticks is not None and ticks >= 0 else None


def operating_system(answers: Answers) -> tuple[str | None, str | None]:
    """Linux with its kernel, Windows with version and build; nothing is guessed of others."""
    description = text(answers.get(DESCRIPTION)) or ""
    linux = _LINUX.match(description)
    if linux:
        return "Linux", linux["version"]
    windows = _WINDOWS.search(description)
    if windows:
        return "Windows", ".".join(part for part in (windows["version"], windows["build"]) if part)
    return None, None

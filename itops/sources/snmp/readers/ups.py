"""UPS-MIB (RFC 1628), and what makers' own OIDs know better. That either answers is what makes a device a UPS."""

import re
from collections.abc import Mapping
from datetime import date

from itops.assets.sightings import UpsReading
from itops.sources.snmp.client import Answers, Value
from itops.sources.snmp.makers import Maker, Measure, Words
from itops.sources.snmp.values import column, day, number, text, within

_MIB = "1.3.6.1.2.1.33.1."
VENDOR, MODEL, FIRMWARE, NAME = (f"{_MIB}1.{part}.0" for part in (1, 2, 3, 5))
_STATUS, _MINUTES, _CHARGE, _TEMPERATURE = (f"{_MIB}2.{part}.0" for part in (1, 3, 4, 7))
_OUTPUT = f"{_MIB}4.1.0"
_TEST = f"{_MIB}7.3.0"
_LOADS = f"{_MIB}4.4.1.5"  # one for each phase
_ALARMS = f"{_MIB}6.2.1.2"  # OIDs of what is wrong now
SCALARS = (VENDOR, MODEL, FIRMWARE, NAME, _STATUS, _MINUTES, _CHARGE, _TEMPERATURE, _OUTPUT, _TEST)
TABLES = (_LOADS, _ALARMS)
_BATTERY_BAD, _ON_BATTERY, _BATTERY_LOW, _BATTERY_DEPLETED = (f"{_MIB}6.3.{part}" for part in (1, 2, 3, 4))

_STATES = {1: "unknown", 2: "normal", 3: "low", 4: "depleted"}
_FROM_BATTERY = 5
_TESTS = {1: "passed", 2: "warning", 3: "failed", 4: "aborted", 5: "running", 6: "none"}
_LONGEST_SECONDS = 30 * 86_400
_MINUTES_UNKNOWN = 65_535
_SERIAL_IN_NAME = re.compile(r"\bID:\s*([A-Za-z0-9-]{6,})")


def is_ups(answers: Answers, maker: Maker | None) -> bool:
    """Whether it tells of a battery: by the standard, or by its maker's own OIDs."""
    own = (oid for oid in maker.ups.oids()) if maker else ()
    standard = (_STATUS, _MINUTES, _CHARGE, VENDOR, MODEL)
    return any(text(answers.get(oid)) is not None for oid in (*standard, *own))


def serial_in_name(answers: Answers) -> str | None:
    """Eaton cards without an OID for it write it into the name: `ID: GA14K12345`."""
    found = _SERIAL_IN_NAME.search(text(answers.get(NAME)) or "")
    return found[1] if found else None


def battery_days(answers: Answers, maker: Maker | None) -> tuple[date | None, date | None]:
    """When the battery was replaced, and when the device wants it to be again; the latter may lie long past."""
    if maker is None:
        return None, None
    own = maker.ups
    return day(answers.get(own.replaced_on or "")), day(answers.get(own.due_on or ""))


def reading(answers: Answers, maker: Maker | None) -> UpsReading:
    """What it says of itself now: the maker's OID first, for it is the finer one, then the standard's."""
    own = maker.ups if maker else None
    alarms = {text(value) for value in column(answers, _ALARMS).values()}
    return UpsReading(
        battery_state=_word(answers, own.battery_state if own else None)
        or _known(answers.get(_STATUS), _STATES)
        or _alarmed_state(alarms),
        charge_ratio=_ratio(_measured(answers, own.charge if own else None, 0, 100), answers.get(_CHARGE)),
        runtime_seconds=_runtime(answers, own.runtime if own else None),
        load_ratio=_load(answers, own.load if own else None),
        temperature_celsius=_temperature(answers, own.temperature if own else None),
        needs_new_battery=_yes(_word(answers, own.needs_new if own else None), is_alarmed=_BATTERY_BAD in alarms),
        is_on_battery=_on_battery(answers, own.on_battery if own else None, alarms),
        last_test=_word(answers, own.last_test if own else None) or _known(answers.get(_TEST), _TESTS),
    )


def _known(value: Value, words: Mapping[int, str]) -> str | None:
    found = number(value)
    return words.get(found) if found is not None else None


def _word(answers: Answers, words: Words | None) -> str | None:
    return _known(answers.get(words.oid), words.words) if words else None


def _yes(word: str | None, *, is_alarmed: bool) -> bool | None:
    if is_alarmed or word is None:
        return is_alarmed or None
    return word == "yes"


def _measured(answers: Answers, measure: Measure | None, low: float, high: float) -> float | None:
    """In our unit; None for what cannot be: -1 %, -273 °C."""
    found = number(answers.get(measure.oid)) if measure else None
    if measure is None or found is None or found in measure.none:
        return None
    scaled = found * measure.factor
    return round(scaled, 2) if low <= scaled <= high else None


def _ratio(own: float | None, standard: Value) -> float | None:
    percent = own if own is not None else within(standard, 0, 100)
    return None if percent is None else round(percent / 100, 3)


def _runtime(answers: Answers, own: Measure | None) -> int | None:
    seconds = _measured(answers, own, 0, _LONGEST_SECONDS)
    if seconds is not None:
        return int(seconds)
    minutes = within(answers.get(_MINUTES), 0, _LONGEST_SECONDS // 60)
    return minutes * 60 if minutes is not None and minutes != _MINUTES_UNKNOWN else None


def _load(answers: Answers, own: Measure | None) -> float | None:
    """Of the phase that carries most."""
    percent = _measured(answers, own, 0, 300)
    phases = [found for value in column(answers, _LOADS).values() if (found := within(value, 0, 300)) is not None]
    most = percent if percent is not None else max(phases, default=None)
    return None if most is None else round(most / 100, 3)


def _temperature(answers: Answers, own: Measure | None) -> float | None:
    found = _measured(answers, own, -40, 120)
    standard = within(answers.get(_TEMPERATURE), -40, 120)
    return found if found is not None else standard


def _on_battery(answers: Answers, own: Words | None, alarms: set[str | None]) -> bool | None:
    word = _word(answers, own)
    if word is not None:
        return word == "yes"
    source = number(answers.get(_OUTPUT))
    if source is not None:
        return source == _FROM_BATTERY
    return True if _ON_BATTERY in alarms else None


def _alarmed_state(alarms: set[str | None]) -> str | None:
    if _BATTERY_DEPLETED in alarms:
        return "depleted"
    return "low" if _BATTERY_LOW in alarms else None

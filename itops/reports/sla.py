"""The SLA statement of a service in words: its seven sections in the order of the national form, and the annex.

The sections are the office's own text, printed as they were written. The numbers stand in an annex, each with what it
was counted on or measured by; what nobody measured is called not tested. Drawing it is another room's work.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from itops.dates import Period, show_day
from itops.names import Names
from itops.reports.words import Datum, Words, placeholders
from itops.text import plain
from itops.worklog.findings import WorkFinding
from itops.worklog.policy import SECTIONS, Service, ServiceCatalogue
from itops.worklog.promises import Downtime
from itops.worklog.services import Recovery, ServiceVerdict

LINE = "_" * 24
"""Where somebody writes by hand."""
_PERSIAN = str.maketrans("0123456789.", "۰۱۲۳۴۵۶۷۸۹٫")
_SPANS = (("span_days", 86_400), ("span_hours", 3_600), ("span_minutes", 60), ("span_seconds", 1))
_SIGNERS = ("prepared", "approved", "ratified")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One named value. `is_code`: left to right in every language."""

    name: str
    value: str
    is_code: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One of the seven. `is_written` False: nobody wrote it, and its text says so."""

    number: int
    heading: str
    text: str  # may have several lines
    is_written: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SlaStatement:
    """Everything on the paper, in words."""

    language: str
    title: str
    head: tuple[Line, ...]
    sections: tuple[Section, ...]
    annex_title: str
    annex: tuple[Line, ...]
    signers: tuple[str, ...]
    labels: tuple[str, str, str]  # name, signature, date


def sla_of(verdict: ServiceVerdict, catalogue: ServiceCatalogue, period: Period, words: Words) -> SlaStatement:
    """The statement of one service; `period`: the month that a calendar basis counts the days of."""
    service = verdict.service
    return SlaStatement(
        language=words.language,
        title=_form(words, "title"),
        head=tuple(_head(service, catalogue, words)),
        sections=tuple(_section(number, name, service, words) for number, name in enumerate(SECTIONS, start=1)),
        annex_title=_form(words, "annex"),
        annex=tuple(_annex(verdict, period, words)),
        signers=tuple(_form(words, signer) for signer in _SIGNERS),
        labels=(_form(words, "name"), _form(words, "signature"), _form(words, "date")),
    )


def sla_text(statement: SlaStatement) -> str:
    """As plain text, ending in a line feed."""
    parts = [statement.title, "", *(f"{line.name}: {line.value}" for line in statement.head)]
    for section in statement.sections:
        parts += ["", f"{_number(section.number, statement.language)}. {section.heading}", section.text]
    parts += ["", statement.annex_title, *(f"{line.name}: {line.value}" for line in statement.annex), ""]
    parts += [
        f"{signer} - " + " ".join(f"{label}: {LINE}" for label in statement.labels) for signer in statement.signers
    ]
    return "\n".join(parts) + "\n"


def service_said(finding: WorkFinding, words: Words) -> str:
    """A finding about a service in words; spans of time as people write them. The code where it has no words."""
    try:
        template = words.template("service", finding.code)
    except KeyError:
        return finding.code
    data = {name: _datum(name, finding.facts.get(name), words) for name in placeholders(template)}
    return words.say("service", finding.code, data=data)


def span(seconds: float, words: Words) -> str:
    """7 h 12 min; ۷ ساعت و ۱۲ دقیقه. Whole seconds, rounded down."""
    left, parts = int(seconds), list[str]()
    for key, unit in _SPANS:
        count, left = divmod(left, unit)
        if count or (unit == 1 and not parts):
            parts.append(_form(words, key, count=count))
    said = parts[0]
    for part in parts[1:]:
        said = _form(words, "span_joint", first=said, second=part)
    return plain(said)


def _datum(name: str, fact: object, words: Words) -> Datum:
    if isinstance(fact, bool):
        return "yes" if fact else "no"
    if name.endswith("_seconds") and isinstance(fact, int | float):
        return span(fact, words)
    return fact if isinstance(fact, str | int | float) else None


def _form(words: Words, key: str, **data: Datum) -> str:
    return words.say("service", "form", key, data=data)


def _of(names: Names, words: Words) -> str:
    """A text of the office, each of its lines made plain."""
    text = names.of(words.language)
    return "\n".join(plain(line).rstrip() for line in text.strip().splitlines())


def _head(service: Service, catalogue: ServiceCatalogue, words: Words) -> Iterator[Line]:
    not_given = _form(words, "not_given")
    yield Line(name=_form(words, "service"), value=_of(service.title, words))
    yield Line(
        name=_form(words, "service_id"),
        value=plain(service.service_id) if service.service_id else not_given,
        is_code=service.service_id is not None,
    )
    parent = catalogue.services.get(service.parent) if service.parent else None
    if parent is not None:
        yield Line(name=_form(words, "parent"), value=_of(parent.title, words))
    told: Mapping[str, str | None] = {
        "owner": service.owner_unit,
        "nature": service.nature,
        "kind": service.kind,
        "level": service.level,
    }
    yield from (Line(name=_form(words, key), value=plain(text)) for key, text in told.items() if text)
    yield Line(name=_form(words, "valid"), value=_validity(service, words) or not_given)


def _validity(service: Service, words: Words) -> str:
    if service.sla is None:
        return ""
    days: Mapping[str, date | None] = {"valid_from": service.sla.valid_from, "valid_to": service.sla.valid_to}
    return " ".join(_form(words, key, valid_on=day.isoformat()) for key, day in days.items() if day is not None)


def _section(number: int, name: str, service: Service, words: Words) -> Section:
    text = service.sla.section(name) if service.sla is not None else None
    return Section(
        number=number,
        heading=words.say("service", "section", name),
        text=_form(words, "not_written") if text is None else _of(text, words),
        is_written=text is not None,
    )


def _annex(verdict: ServiceVerdict, period: Period, words: Words) -> Iterator[Line]:
    service = verdict.service
    yield Line(name=_form(words, "availability"), value=_availability(service, verdict.downtime, period, words))
    yield from _recovery_lines("rpo", service.rpo, verdict, words)
    yield from _recovery_lines("rto", service.rto, verdict, words)
    named = service.depends_on
    for key, names in (
        ("depends_vms", named.vms),
        ("depends_databases", named.databases),
        ("depends_links", named.links),
    ):
        if names:
            yield Line(name=_form(words, key), value=", ".join(map(plain, names)), is_code=True)


def _availability(service: Service, downtime: Downtime | None, period: Period, words: Words) -> str:
    if downtime is None or service.availability_target is None:
        return _form(words, "not_given")
    return _form(
        words,
        "availability_value",
        target=_percent(service.availability_target, words),
        allowed_seconds=span(downtime.allowed.total_seconds(), words),
        basis=_basis(service, downtime, period, words),
    )


def _percent(value: Decimal, words: Words) -> str:
    """Exactly as it was promised: 99.95 is not 99.9."""
    number = f"{value:f}"
    number = number.rstrip("0").rstrip(".") if "." in number else number
    return words.template("unit", "percent").replace("{value}", _number(number, words.language))


def _basis(service: Service, downtime: Downtime, period: Period, words: Words) -> str:
    if downtime.is_standard:
        return _form(words, "basis_standard")
    month = show_day(period.first, words.calendar)[:7]
    if service.office_day is None:
        return _form(words, "basis_calendar", month=month, day_count=downtime.days)
    day = span(service.office_day.total_seconds(), words)
    return _form(words, "basis_office", month=month, day_count=downtime.days, office_seconds=day)


def _recovery_lines(key: str, limit: timedelta | None, verdict: ServiceVerdict, words: Words) -> Iterator[Line]:
    """One line for each database: what was promised, and what stands behind it."""
    name = _form(words, key)
    promised = _form(words, "not_given") if limit is None else span(limit.total_seconds(), words)
    if not verdict.recoveries:
        yield Line(name=name, value=promised)
    for one in verdict.recoveries:
        value = _rpo(one, promised, words) if key == "rpo" else _rto(one, promised, words)
        yield Line(name=name, value=value)


def _rpo(one: Recovery, promised: str, words: Words) -> str:
    if one.promise is None:
        return _form(words, "rpo_unprotected", rpo_seconds=promised, database=one.database)
    plan = span(one.promise.loses.total_seconds(), words)
    return _form(words, "rpo_plan", rpo_seconds=promised, database=one.database, plan_seconds=plan, job=one.promise.job)


def _rto(one: Recovery, promised: str, words: Words) -> str:
    if one.restore is None:
        return _form(words, "rto_not_tested", rto_seconds=promised, database=one.database)
    told = {"rto_seconds": promised, "database": one.database, "tested_at": one.restore.started_at.isoformat()}
    if not one.is_restore_good:
        return _form(words, "rto_failed", **told)
    return _form(words, "rto_measured", took_seconds=span(one.restore.seconds, words), **told)


def _number(value: object, language: str) -> str:
    return str(value).translate(_PERSIAN) if language == "fa" else str(value)

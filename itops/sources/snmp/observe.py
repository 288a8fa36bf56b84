"""One observation: every address asked, what they say as sightings, what they do not say as gaps."""

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from socket import gaierror

from itops.assets.sightings import entity_of
from itops.errors import SourceUnavailable
from itops.inventory.entities import Gap
from itops.inventory.entities import Seen as Thing
from itops.sources.addresses import expand
from itops.sources.snmp import gaps
from itops.sources.snmp.client import MakeLibrary, NoAnswer, Refused
from itops.sources.snmp.conversation import Trouble
from itops.sources.snmp.settings import Credentials, SnmpSettings
from itops.sources.snmp.sighting import Frame, sightings_of
from itops.sources.snmp.sweep import Seen, Unseen, sweep

_KNOWN_TO_ALL = {"public", "private"}
_LOST = {Trouble.BROKE_OFF, Trouble.TOO_SLOW, Trouble.UNREADABLE}


def observe(source: str, settings: SnmpSettings, make_library: MakeLibrary, now: datetime) -> Iterator[Thing]:
    """Sightings and gaps as they come. Raises SourceUnavailable when nobody answered."""
    names = expand(settings.addresses, settings.without)
    listed = listed_alone(settings)
    unused: set[str] = set()
    seen = 0
    with closing(sweep(settings, names, make_library)) as outcomes:
        for outcome in outcomes:
            if isinstance(outcome, Seen):
                seen += 1
                yield from _things(source, settings, outcome, now)
            elif isinstance(outcome.failure, NoAnswer) and outcome.name not in listed:
                unused.add(outcome.name)
            else:
                yield gap_of(source, outcome)
    if unused:
        swept = [name for name in names if name not in listed]
        yield gaps.unused(source, [name for name in swept if name in unused], len(swept))
    if not seen:
        raise SourceUnavailable(
            f"none of the {len(names)} addresses of {source} could be read by SNMP",
            remedy="see its gaps; check addresses, community or keys, and whether this machine may reach UDP port "
            f"{settings.port}",
        )


def listed_alone(settings: SnmpSettings) -> frozenset[str]:
    """The addresses that itops.yaml names one by one: somebody expects a device there."""
    return frozenset(names[0] for entry in settings.addresses if len(names := expand([entry])) == 1)


def gap_of(source: str, outcome: Unseen) -> Gap:
    """Why one address gave nothing."""
    if isinstance(outcome.failure, gaierror):
        return gaps.unknown_name(source, outcome.name)
    if isinstance(outcome.failure, Refused):
        return gaps.refused(source, outcome.name, str(outcome.failure))
    if isinstance(outcome.failure, NoAnswer):
        return gaps.silent(source, outcome.name)
    return gaps.unreadable(source, outcome.name)


def _things(source: str, settings: SnmpSettings, seen: Seen, now: datetime) -> Iterator[Thing]:
    frame = Frame(
        source=source,
        name=seen.name,
        address=seen.address,
        site=settings.site,
        seen_at=now,
        is_partial=bool(_LOST & seen.talk.troubles.keys()),
        findings=_findings(seen.credentials),
    )
    for count, sighting in enumerate(sightings_of(seen.talk.answers, frame), start=1):
        yield entity_of(sighting, ref=seen.name if count == 1 else f"{seen.name}/{sighting.serial}")
    for trouble, oids in seen.talk.troubles.items():
        yield gaps.troubled(source, seen.name, trouble, oids)


def _findings(credentials: Credentials) -> tuple[str, ...]:
    community = credentials.community.reveal() if credentials.community else None
    return ("snmp.default-community",) if community in _KNOWN_TO_ALL else ()

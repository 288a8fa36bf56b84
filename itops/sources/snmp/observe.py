"""One observation: every address asked, what they say as sightings, what they do not say as gaps."""

from collections.abc import Iterable, Iterator
from contextlib import closing
from datetime import datetime
from socket import gaierror

from itops.assets.sightings import entity_of
from itops.inventory.entities import Gap
from itops.inventory.entities import Seen as Thing
from itops.sources.silence import Silence
from itops.sources.snmp import gaps
from itops.sources.snmp.client import MakeLibrary, NoAnswer, Refused
from itops.sources.snmp.conversation import Trouble
from itops.sources.snmp.met import Met
from itops.sources.snmp.settings import Credentials, SnmpSettings
from itops.sources.snmp.sighting import Frame, sightings_of
from itops.sources.snmp.sweep import Outcome, Seen, Unseen, sweep

_KNOWN_TO_ALL = {"public", "private"}
_LOST = {Trouble.BROKE_OFF, Trouble.TOO_SLOW, Trouble.UNREADABLE}


def observe(source: str, settings: SnmpSettings, make_library: MakeLibrary, now: datetime) -> Iterator[Thing]:
    """Sightings and gaps as they come. Raises SourceUnavailable when nobody answered."""
    silence = silence_of(source, settings)
    with closing(sweep(settings, silence.addresses, make_library)) as outcomes:
        yield from silence.heard(_things(source, settings, outcomes, now))


def silence_of(source: str, settings: SnmpSettings) -> Silence:
    """Who is expected to answer."""
    return Silence(source, settings.addresses, settings.without, protocol="SNMP")


def _things(source: str, settings: SnmpSettings, outcomes: Iterable[Outcome], now: datetime) -> Iterator[Thing]:
    met = Met(source, settings.arp_networks, site=settings.site, seen_at=now)
    for outcome in outcomes:
        if isinstance(outcome, Unseen):
            yield gap_of(source, outcome)
            continue
        first, *members = sightings_of(outcome.talk.answers, _frame(source, settings, outcome, now))
        met.learn(outcome.talk.answers, first)
        yield entity_of(first, ref=outcome.name)
        yield from (entity_of(member, ref=f"{outcome.name}/{member.serial}") for member in members)
        for trouble, oids in outcome.talk.troubles.items():
            yield gaps.troubled(source, outcome.name, trouble, oids)
    yield from met.things()


def gap_of(source: str, outcome: Unseen) -> Gap:
    """Why one address gave nothing."""
    if isinstance(outcome.failure, gaierror):
        return gaps.unknown_name(source, outcome.name)
    if isinstance(outcome.failure, Refused):
        return gaps.refused(source, outcome.name, str(outcome.failure))
    if isinstance(outcome.failure, NoAnswer):
        return gaps.silent(source, outcome.name)
    return gaps.unreadable(source, outcome.name)


def _frame(source: str, settings: SnmpSettings, seen: Seen, now: datetime) -> Frame:
    return Frame(
        source=source,
        name=seen.name,
        address=seen.address,
        site=settings.site,
        seen_at=now,
        is_partial=bool(_LOST & seen.talk.troubles.keys()),
        findings=_findings(seen.credentials),
    )


def _findings(credentials: Credentials) -> tuple[str, ...]:
    community = credentials.community.reveal() if credentials.community else None
    return ("snmp.default-community",) if community in _KNOWN_TO_ALL else ()

"""The source `ipmi`: servers by their management controllers, four questions each, many at once."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from itops.inventory.entities import Gap, Observation, Seen
from itops.programs import run_program
from itops.sources.asking import HIDES, Answer, ask_all
from itops.sources.ipmi.facts import Facts, answered, sighting_of
from itops.sources.ipmi.settings import IpmiSettings
from itops.sources.ipmi.tool import CIPHERS, Account, Bmc
from itops.sources.refusals import Unreadable
from itops.sources.silence import Silence

OLD_CIPHER = "ipmi.cipher-3"


class IpmiSource:
    """Servers behind IPMI. Nothing is changed there."""

    Settings = IpmiSettings
    is_live = True
    sees_devices = True

    def __init__(self, name: str, settings: IpmiSettings) -> None:
        self.name = name
        self._settings = settings

    def observe(self, now: datetime) -> Iterator[Observation]:
        """One look at all of them."""
        yield Observation(source=self.name, observed_at=now, seen=self._seen(now), hides=HIDES)

    def _seen(self, now: datetime) -> Iterator[Seen]:
        """Raises SourceUnavailable when ipmitool is not installed or no BMC told anything."""
        settings = self._settings
        run_program([settings.ipmitool, "-V"], seconds=20)  # once, or every address would say that it is missing
        silence = Silence(self.name, settings.addresses, settings.without, protocol="IPMI")
        yield from silence.heard(ask_all(self.name, silence.addresses, partial(self._ask, now), settings.parallel))

    def _ask(self, now: datetime, address: str) -> Answer:
        bmc = self._bmc(address)
        said = {
            "mc info": bmc.meet("mc", "info"),
            "fru print 0": bmc.ask("fru", "print", "0"),
            "mc guid": bmc.ask("mc", "guid"),
            "lan print": bmc.ask("lan", "print"),
        }
        controller, fru, guid, lan = (answered(answer.text) for answer in said.values())
        if not any((controller, fru, guid, lan)):  # ipmitool died of the answers, or there were none
            raise Unreadable(
                f"{address} answers, and nothing that it says can be read", remedy="renew its firmware, and ipmitool"
            )
        missing = [
            question
            for question, answer in said.items()
            # An account of few rights may not ask for the MAC: that is no surprise.
            if not answer.is_answered and not (question == "lan print" and answer.is_forbidden)
        ]
        facts = Facts(controller=controller, fru=fru, guid=guid, lan=lan)
        findings = () if bmc.cipher == CIPHERS[0] else (OLD_CIPHER,)
        sighting = sighting_of(self.name, address, now, facts, site=self._settings.site, findings=findings)
        gaps = [self._partly(address, missing)] if missing else []
        return Answer(sightings=(replace(sighting, is_partial=bool(missing)),), gaps=gaps)

    def _bmc(self, address: str) -> Bmc:
        settings = self._settings
        account = Account(
            program=settings.ipmitool,
            username=settings.username,
            password=settings.password,
            port=settings.port,
            privilege=settings.privilege,
            seconds=settings.timeout.total_seconds(),
        )
        return Bmc(account, address)

    def _partly(self, address: str, missing: Sequence[str]) -> Gap:
        return Gap(
            source=self.name,
            subject=address,
            code="device.partly-read",
            problem=f"{address} did not tell everything: {', '.join(missing)}",
            remedy="ask it by hand with ipmitool; a higher `privilege` or newer firmware may help",
        )

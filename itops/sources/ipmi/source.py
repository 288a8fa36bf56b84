"""The source `ipmi`: servers by their management controllers, four questions each, many at once."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial

from itops.errors import SourceUnavailable
from itops.inventory.entities import Entity, Gap, Observation, Seen
from itops.programs import run_program
from itops.sources.addresses import expand
from itops.sources.asking import HIDES, Answer, ask_all
from itops.sources.ipmi.facts import Facts, answered, sighting_of
from itops.sources.ipmi.settings import IpmiSettings
from itops.sources.ipmi.tool import CIPHERS, Account, Bmc, BmcSilent
from itops.text import counted

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
        yield Observation(source=self.name, observed_at=now, seen=self._seen(now))

    def _seen(self, now: datetime) -> Iterator[Seen]:
        """What answered, then one gap for all addresses of swept networks where no IPMI answers.

        Raises SourceUnavailable when ipmitool is not installed or no BMC told anything.
        """
        settings = self._settings
        run_program([settings.ipmitool, "-V"], seconds=20)  # once, or every address would say that it is missing
        addresses, alone = expand(settings.addresses, settings.without), _listed_alone(settings)
        unused, told = 0, 0
        for seen in ask_all(self.name, addresses, partial(self._ask, now), settings.parallel):
            if isinstance(seen, Gap) and seen.code == BmcSilent.code and seen.subject not in alone:
                unused += 1
                continue
            told += isinstance(seen, Entity)
            yield seen
        if unused:
            yield self._unused(unused)
        if not told:
            raise SourceUnavailable(
                f"no server could be read through IPMI at {counted('address', 'addresses', len(addresses))}",
                remedy="see `itops inventory gaps` for what each of them answered",
            )

    def _ask(self, now: datetime, address: str) -> Answer:
        settings = self._settings
        bmc = Bmc(
            Account(
                program=settings.ipmitool,
                username=settings.username,
                password=settings.password,
                port=settings.port,
                privilege=settings.privilege,
                seconds=settings.timeout.total_seconds(),
            ),
            address,
        )
        said = {
            "mc info": bmc.meet("mc", "info"),
            "fru print 0": bmc.ask("fru", "print", "0"),
            "mc guid": bmc.ask("mc", "guid"),
            "lan print": bmc.ask("lan", "print"),
        }
        missing = [
            question
            for question, answer in said.items()
            # An account of few rights may not ask for the MAC: that is no surprise.
            if not answer.is_answered and not (question == "lan print" and answer.is_forbidden)
        ]
        sighting = sighting_of(
            self.name,
            address,
            now,
            Facts(
                controller=answered(said["mc info"].text),
                fru=answered(said["fru print 0"].text),
                guid=answered(said["mc guid"].text),
                lan=answered(said["lan print"].text),
            ),
            site=settings.site,
            findings=() if bmc.cipher == CIPHERS[0] else (OLD_CIPHER,),
        )
        gaps = [self._partly(address, missing)] if missing else []
        return Answer(sightings=(replace(sighting, is_partial=bool(missing)),), gaps=gaps)

    def _partly(self, address: str, missing: Sequence[str]) -> Gap:
        return Gap(
            source=self.name,
            subject=address,
            code="device.partly-read",
            problem=f"{address} did not tell everything: {', '.join(missing)}",
            remedy="ask it by hand with ipmitool; a higher `privilege` or newer firmware may help",
        )

    def _unused(self, count: int) -> Gap:
        shown = counted("address", "addresses", count)
        return Gap(
            source=self.name,
            subject=shown,
            code="sweep.silent",
            problem=f"{shown} of the listed networks did not answer on port {self._settings.port}",
            remedy="nothing where they are unused; list a BMC by its own address to hear of it alone",
            hides=HIDES,
        )


def _listed_alone(settings: IpmiSettings) -> frozenset[str]:
    """The addresses that itops.yaml names one by one: somebody expects a BMC there."""
    return frozenset(found[0] for entry in settings.addresses if len(found := expand([entry])) == 1)

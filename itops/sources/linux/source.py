"""The source `ssh`: Linux machines, one login and one script each, many at once."""

from collections.abc import Iterator
from datetime import datetime

from itops.inventory.entities import Observation, Seen
from itops.sources.asking import HIDES, Answer, ask_all
from itops.sources.linux.describe import Asked, answer_of, is_linux, kernel_name
from itops.sources.linux.known_hosts import KnownHosts, read_known_hosts
from itops.sources.linux.script import COMMAND, MOST_OUTPUT, parts_of, script
from itops.sources.linux.settings import LinuxSettings
from itops.sources.refusals import Unreadable
from itops.sources.silence import Silence
from itops.ssh import Account, HostKeys, Server, connected, load_key, merged

SHA1_ONLY = "ssh.sha1-only"


class SshSource:
    """Linux machines behind SSH. Nothing is written there."""

    Settings = LinuxSettings
    is_live = True
    sees_devices = True

    def __init__(self, name: str, settings: LinuxSettings) -> None:
        self.name = name
        self._settings = settings

    def observe(self, now: datetime) -> Iterator[Observation]:
        """One look at all of them."""
        yield Observation(source=self.name, observed_at=now, seen=self._seen(now), hides=HIDES)

    def _seen(self, now: datetime) -> Iterator[Seen]:
        """Raises SourceUnavailable when no machine told anything or the key cannot be used, ConfigInvalid for a
        known_hosts file that cannot be read.
        """
        settings = self._settings
        look = _Look(self.name, settings, now)
        silence = Silence(self.name, settings.addresses, settings.without, protocol="SSH")
        yield from silence.heard(ask_all(self.name, silence.addresses, look.ask, settings.parallel))


class _Look:
    """What all machines of one look have in common; it is read once."""

    def __init__(self, name: str, settings: LinuxSettings, now: datetime) -> None:
        self._name = name
        self._settings = settings
        self._now = now
        self._account = _account(settings)
        self._known = read_known_hosts(settings.known_hosts) if settings.known_hosts else KnownHosts()

    def ask(self, address: str) -> Answer:
        """Meet one machine and hear it out. Raises an ItopsError."""
        with connected(self._server(address), self._account) as connection:
            said = connection.run(
                COMMAND,
                script(with_sudo=self._settings.sudo),
                seconds=self._settings.script_timeout.total_seconds(),
                most_bytes=MOST_OUTPUT,
            )
            findings = (SHA1_ONLY,) if connection.is_legacy else ()
        parts, is_whole = parts_of(said.output)
        if not is_linux(parts):
            raise _no_linux(address, kernel_name(parts))
        asked = Asked(
            source=self._name,
            address=address,
            site=self._settings.site,
            at=self._now,
            parts=parts,
            is_whole=is_whole,
            findings=findings,
        )
        return answer_of(asked)

    def _server(self, address: str) -> Server:
        settings = self._settings
        pin = settings.host_keys.get(address)
        pinned = HostKeys(fingerprints=frozenset({pin} if pin else ()))
        return Server(
            host=address,
            port=settings.port,
            host_keys=merged([pinned, self._known.of(address, settings.port)]),
            is_legacy_allowed=address in settings.legacy,
            timeout_seconds=settings.timeout.total_seconds(),
        )


def _account(settings: LinuxSettings) -> Account:
    passphrase = settings.key_passphrase.reveal() if settings.key_passphrase else None
    return Account(
        username=settings.username,
        password=settings.password,
        key=load_key(settings.key, passphrase) if settings.key else None,
    )


def _no_linux(address: str, kernel: str | None) -> Unreadable:
    said = f"runs {kernel}, not Linux" if kernel else "lets us in and runs no shell script"
    return Unreadable(f"{address} {said}", remedy="read it by SNMP, and leave it out here under `without`")

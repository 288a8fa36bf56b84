"""The channel `apprise`: the long tail of services that the library Apprise knows, an extra.

It leaves the office, so it carries the summary alone. Apprise keeps nothing and tries nothing again: the row of the
message does. What failed at one address is sent to all of them again: give each service a channel of its own. Its log
shows whole addresses with their tokens, so nothing of it is ever written.
"""

import logging
import threading
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any, ClassVar

from itops.alerts.channels import ChannelFailed, Message
from itops.notify.plain_text import one_line
from itops.secrets import Secret
from itops.verdict import State

_TYPES = {State.OK: "success", State.WARNING: "warning", State.CRITICAL: "failure", State.UNKNOWN: "warning"}
_TALKATIVE = ("apprise", "urllib3", "requests", "requests_oauthlib", "oauthlib")
_SILENT = logging.CRITICAL + 1
_MOST_URLS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class AppriseSettings:
    """Addresses as Apprise writes them: `ntfys://TOKEN@HOST/TOPIC`. Each holds a token, so each is a secret."""

    urls: tuple[Secret, ...]
    timeout_seconds: float = field(default=30.0, metadata={"range": (1, 600)})  # for the whole of it

    def __post_init__(self) -> None:
        if not 1 <= len(self.urls) <= _MOST_URLS:
            raise ValueError(f"urls should be a list of 1 to {_MOST_URLS} secrets: [file:secrets/service]")


class AppriseChannel:
    """Services that Apprise knows."""

    Settings: ClassVar[type] = AppriseSettings
    stays_inside: ClassVar[bool] = False

    def __init__(self, name: str, settings: AppriseSettings) -> None:
        self.name = name
        self._settings = settings

    def send(self, message: Message) -> str:
        """See `Channel`: nothing, as no two services say it the same way."""
        if find_spec("apprise") is None:
            raise ChannelFailed(
                "the channel apprise needs the package apprise, which is not installed",
                "run: pip install 'itops[apprise]'",
            )
        for name in _TALKATIVE:
            logging.getLogger(name).setLevel(_SILENT)
        attempt = _Attempt(self._settings, one_line(message.summary), _TYPES[message.state])
        # A thread, because a service that answers a letter a second would hold us for ever, and Apprise with it.
        thread = threading.Thread(target=attempt.run, name=f"apprise {self.name}", daemon=True)
        thread.start()
        thread.join(self._settings.timeout_seconds)
        problem, remedy = attempt.trouble
        if problem:
            raise ChannelFailed(problem, remedy)
        return ""


class _Attempt:
    """One try, in a thread of its own. `trouble`: what it came to, without a word of Apprise's."""

    def __init__(self, settings: AppriseSettings, text: str, kind: str) -> None:
        self._settings, self._text, self._kind = settings, text, kind
        self.trouble = (
            f"it was not sent within {settings.timeout_seconds:g} seconds; it may have arrived nevertheless",
            "check the line to the services; give each of them a channel of its own",
        )

    def run(self) -> None:
        """Every exception of Apprise's plugins is a failure; its text is not told, for it may hold the address."""
        try:
            self.trouble = self._outcome()
        except Exception as failure:  # noqa: BLE001  of two hundred plugins by as many people; nothing may print it
            self.trouble = (f"apprise failed with {type(failure).__name__}", "try the address with apprise by hand")

    def _outcome(self) -> tuple[str, str]:
        services, wrong = _services(self._settings)
        if wrong:
            return (
                f"urls: number {', '.join(map(str, wrong))} is no address that apprise knows",
                "compare it with what Apprise describes; try it with apprise by hand",
            )
        failed = [
            number
            for number, service in enumerate(services, 1)
            if not service.notify(body=self._text, title="", notify_type=self._kind, body_format="text")
        ]
        if not failed:
            return "", ""
        return (
            f"urls: number {', '.join(map(str, failed))} of {len(services)} did not take it",
            "try the address with apprise by hand: it tells what the service answers",
        )


def _services(settings: AppriseSettings) -> tuple[list[Any], list[int]]:
    """Those of the addresses, and the numbers of addresses that are none."""
    from apprise import Apprise, AppriseAsset  # noqa: PLC0415  an extra, and 400 ms

    asset = AppriseAsset(
        async_mode=False, interpret_emojis=False, interpret_escapes=False, secure_logging=True, storage_mode="memory"
    )
    made = [Apprise.instantiate(url.reveal(), asset=asset) for url in settings.urls]
    for service in made:
        if service is not None:
            service.socket_connect_timeout = service.socket_read_timeout = settings.timeout_seconds
    return made, [number for number, service in enumerate(made, 1) if service is None]

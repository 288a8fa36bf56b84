"""Asking one BMC by `ipmitool`: the password goes through its environment, and each way to fail has its own Refusal."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from itops.programs import Outcome, run_program
from itops.secrets import Secret
from itops.sources.refusals import NameUnknown, Refusal, Refused, Silent, Unreadable
from itops.text import plain

_MOST_OUTPUT = 64 << 10
_RETRIES = "2"
CIPHERS = (17, 3)
"""SHA-256 with AES first; SHA-1 with AES for older BMCs. None that sends without encryption."""
# What ipmitool 1.8.19 says with -v. A suite is refused when the session is opened, an account when RAKP is spoken.
_REFUSED = re.compile(
    r"HMAC is invalid|unauthorized name|unauthorized GUID|invalid role|unauthorized role|privilege level requested",
    re.IGNORECASE,
)
_NO_CIPHER = re.compile(r"Error in open session response message", re.IGNORECASE)
_SILENT = re.compile(r"Get Channel Authentication Capabilities", re.IGNORECASE)
_NO_NAME = re.compile(r"Address lookup for \S+ failed")
_NOT_ALLOWED = re.compile(r"Insufficient privilege level", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """How every BMC is asked."""

    program: str
    username: str
    password: Secret
    port: int
    privilege: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Said:
    """What one question brought. `is_forbidden`: the account may not ask it."""

    text: str
    is_answered: bool
    is_forbidden: bool


class Bmc:
    """One BMC, by the first cipher suite that it knows."""

    def __init__(self, account: Account, address: str) -> None:
        self._account = account
        self._address = address
        self.cipher = CIPHERS[0]

    def meet(self, *question: str) -> Said:
        """The first question, by which the cipher suite is found. Raises a Refusal."""
        for cipher in CIPHERS:
            self.cipher = cipher
            outcome = self._run(question)
            if not _is_shut_out(outcome):
                return _said(outcome)
            if _REFUSED.search(outcome.stderr) or not _NO_CIPHER.search(outcome.stderr):
                break
        raise self._failed(outcome)

    def ask(self, *question: str) -> Said:
        """A further question, by the same suite. A BMC that breaks off now has not answered it: that is no error."""
        outcome = self._run(question)
        return Said("", is_answered=False, is_forbidden=False) if _is_shut_out(outcome) else _said(outcome)

    def _run(self, question: Sequence[str]) -> Outcome:
        account = self._account
        each = max(1, int((account.seconds - 2) / 4))  # ipmitool waits 2 x each, then 2 x (each + 1) for silence
        return run_program(
            [
                *(account.program, "-v", "-I", "lanplus", "-H", self._address, "-p", str(account.port)),
                *("-U", account.username, "-E", "-L", account.privilege.upper(), "-C", str(self.cipher)),
                *("-N", str(each), "-R", _RETRIES, *question),
            ],
            seconds=account.seconds * 3,
            environment={"IPMI_PASSWORD": account.password.reveal(), "TZ": "UTC"},
            most_output=_MOST_OUTPUT,
        )

    def _failed(self, outcome: Outcome) -> Refusal:
        said = outcome.stderr
        if _REFUSED.search(said):
            return Refused(
                f"{self._address} refuses the account {self._account.username}: {_last(said)}",
                remedy="check user name, password and IPMI over LAN of the account, and `privilege`: "
                f"it may have less than {self._account.privilege}",
            )
        if _NO_NAME.search(said):
            return NameUnknown(
                f"the name {self._address} cannot be resolved",
                remedy="check the name in itops.yaml and the DNS servers, or list the address",
            )
        if outcome.is_timeout or _SILENT.search(said):
            return Silent(
                f"no IPMI answers at {self._address}, port {self._account.port}",
                remedy="see whether IPMI over LAN is switched on there, and whether a firewall drops UDP",
            )
        if _NO_CIPHER.search(said):
            return Unreadable(
                f"{self._address} knows neither cipher suite 17 nor 3: {_last(said)}",
                remedy="renew its firmware, or allow one of these suites there",
            )
        return Unreadable(
            f"{self._address} breaks off: {_last(said)}", remedy="ask it by hand: ipmitool -v -I lanplus ... mc info"
        )


def _is_shut_out(outcome: Outcome) -> bool:
    """Whether no session came about."""
    return "Unable to establish" in outcome.stderr or outcome.is_timeout


def _said(outcome: Outcome) -> Said:
    is_forbidden = bool(_NOT_ALLOWED.search(outcome.stderr))
    return Said(outcome.text, is_answered=outcome.code == 0, is_forbidden=is_forbidden)


def _last(said: str) -> str:
    """The line before `Unable to establish`: it says why."""
    lines = [line.strip(" >\t") for line in said.splitlines() if line.strip(" >\t")]
    telling = [line for line in lines if "Unable to establish" not in line and not line.startswith("Loading")]
    return plain(telling[-1] if telling else "it gives no reason")[:200]

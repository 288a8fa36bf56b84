"""One connection to a SQL Server: statements out, rows in, every failure as one of two errors."""

import struct
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any, TypeAlias

from itops.errors import ConfigInvalid, SourceUnavailable
from itops.repositories.mssql.browser import port_of
from itops.repositories.mssql.settings import MssqlSettings
from itops.repositories.mssql.wire import Wire, explained, open_wire

Row: TypeAlias = Mapping[str, Any]

_FIRST = "SET NOCOUNT ON; SET LOCK_TIMEOUT 15000; SET DEADLOCK_PRIORITY LOW;"
"""We never make anybody wait: a lock gives up after 15 s, and a deadlock is lost by us."""
_LOGIN_REFUSED = {
    18452: "it takes Windows accounts only: give domain:, or enable SQL Server and Windows authentication mode",
    18456: "check username and password; the server's error log names the exact reason",
    18470: "the login is disabled: ALTER LOGIN ... ENABLE",
    18486: "the login is locked: ALTER LOGIN ... WITH PASSWORD = '...' UNLOCK",
    18487: "its password has expired: change it, or ALTER LOGIN ... WITH CHECK_EXPIRATION = OFF",
    18488: "its password must be changed at the first login: change it once by hand",
}
_LOCKED = 1222


class Refused(Exception):
    """The server understood a statement and would not do it."""

    def __init__(self, numbers: tuple[int, ...], text: str) -> None:
        super().__init__(f"{text} (error {', '.join(map(str, numbers))})")
        self.numbers = numbers  # of every message, the first cause first
        self.text = text

    @property
    def number(self) -> int:
        """The first one: what follows it ("terminated abnormally") tells nothing."""
        return self.numbers[0] if self.numbers else 0

    def has(self, *numbers: int) -> bool:
        """Whether one of these was among the messages."""
        return not set(numbers).isdisjoint(self.numbers)


class MssqlServer:
    """An open connection. Rows are streamed; a second statement ends the first."""

    def __init__(self, connection: Any, settings: MssqlSettings, where: str) -> None:
        self._connection = connection
        self._cursor: Any = None  # the last one: it knows the messages of a refusal
        self._settings = settings
        self.where = where

    def rows(self, statement: str, *parameters: object) -> Iterator[Row]:
        """The rows of the first result, one after the other; `%s` stands for a parameter.

        Raises Refused when the server will not, SourceUnavailable when the connection broke.
        """
        with self._translated():
            cursor = self._cursor = self._connection.cursor()
            cursor.execute(statement, parameters or None)
            if cursor.description is None:
                return
        while True:
            with self._translated():
                row = cursor.fetchone()
            if row is None:
                return
            yield row

    def row(self, statement: str, *parameters: object) -> Row:
        """The first row; an empty one where there is none."""
        return next(iter([*self.rows(statement, *parameters)]), {})

    def run(self, statement: str) -> None:
        """Run a statement whose rows do not matter, to its very end: an error may come after its last row."""
        with self._translated():
            cursor = self._cursor = self._connection.cursor()
            cursor.execute(statement)
            while cursor.nextset():
                pass

    @contextmanager
    def _translated(self) -> Iterator[None]:
        import pytds  # noqa: PLC0415  `itops --help` needs no driver

        try:
            yield
        except pytds.DatabaseError as refusal:
            if refusal.number == 0:  # python-tds's own complaint, not the server's
                raise self._broken(refusal) from refusal
            raise self._refusal(refusal) from None
        except (pytds.Error, OSError, *_NONSENSE) as failure:
            raise self._broken(failure) from failure

    def _refusal(self, refusal: Any) -> Exception:
        told = self._cursor.messages if self._cursor is not None else None
        messages = [message for _, message in told or () if message.severity > 10]
        numbers = tuple(message.number for message in messages) or (refusal.number,)
        if _LOCKED in numbers:
            return SourceUnavailable(
                f"{self.where} keeps msdb locked for more than 15 seconds", remedy="try again when it is less busy"
            )
        return Refused(numbers, " ".join(message.text for message in messages) or str(refusal.text))

    def _broken(self, failure: Exception) -> SourceUnavailable:
        if isinstance(failure, OSError):
            return explained(failure, self._settings, self.where)
        return SourceUnavailable(
            f"{self.where} broke off, or is no SQL Server: {failure}", remedy="look at the server's error log"
        )


_NONSENSE = (ValueError, LookupError, struct.error, AssertionError, TypeError, AttributeError, RuntimeError)
"""What python-tds raises when what it reads is no TDS."""


@contextmanager
def open_server(settings: MssqlSettings, *, seconds: float) -> Iterator[MssqlServer]:
    """Connect, log in and, at the end, hang up; nothing on it may last longer than `seconds` in all.

    Raises SourceUnavailable.
    """
    port = settings.port
    if settings.instance:
        port = port_of(settings.host, settings.instance, seconds=min(seconds, settings.timeout_seconds))
    where = f"{settings.host}:{port}"
    wire = open_wire(settings, settings.host, port, seconds)
    try:
        server = MssqlServer(_logged_in(settings, wire, where, seconds), settings, where)
        server.run(_FIRST)
        yield server
    except Refused as refused:
        raise SourceUnavailable(f"{where} refuses: {refused}", remedy="see what the server's error says") from refused
    finally:
        wire.close()


def _logged_in(settings: MssqlSettings, wire: Wire, where: str, seconds: float) -> Any:
    import pytds  # noqa: PLC0415  `itops --help` needs no driver

    try:
        return pytds.connect(
            dsn=settings.host,
            port=settings.port,
            database="master",
            user=settings.username,
            password="" if settings.domain else settings.password.reveal(),
            auth=_WindowsLogin(settings) if settings.domain else None,
            sock=wire,
            timeout=settings.timeout_seconds,
            login_timeout=min(seconds, settings.timeout_seconds),
            disable_connect_retry=True,
            autocommit=True,
            appname="itops",
            row_strategy=pytds.dict_row_strategy,
        )
    except pytds.DatabaseError as refusal:
        problem = f"{where} refused the login of {settings.username}: {refusal.text}"
        remedy = _LOGIN_REFUSED.get(refusal.number, "look at the server's error log")
        raise SourceUnavailable(problem, remedy=remedy) from None  # the login record holds the password
    except (pytds.Error, *_NONSENSE) as failure:
        raise SourceUnavailable(
            f"{where} is no SQL Server that we understand: {failure}", remedy="check host and port"
        ) from None
    except OSError as failure:
        raise explained(failure, settings, where) from None


class _WindowsLogin:
    """NTLM by pyspnego. What it finds wrong with the server's challenge is a ValueError here."""

    def __init__(self, settings: MssqlSettings) -> None:
        from pytds.login import SpnegoAuth  # noqa: PLC0415  only for Windows accounts

        try:
            account = f"{settings.domain}\\{settings.username}"
            self._inner: Any = SpnegoAuth(account, settings.password.reveal(), protocol="ntlm")
        except ImportError:
            raise ConfigInvalid(
                "a Windows account (domain:) needs the package pyspnego",
                remedy="pip install pyspnego, or use a SQL login",
            ) from None
        self._errors: Any = import_module("spnego.exceptions").SpnegoError

    def create_packet(self) -> Any:
        """The first token."""
        return self._inner.create_packet()

    def handle_next(self, packet: bytes) -> Any:
        """The answer to a challenge."""
        try:
            return self._inner.handle_next(packet)
        except self._errors as wrong:
            raise ValueError(str(wrong)) from wrong

    def close(self) -> None:
        """Nothing is held."""
        self._inner.close()

"""Secrets by reference: `file:`, `env:`, `systemd:`, `keyring:`, `command:`. What they stand for is never shown.

A reference is checked for its form when itops.yaml is read and resolved when the secret is first needed, so that
listing what is in the store runs no command and opens no secret file. No function here raises while a plain value
is in one of its locals: a traceback may show locals.
"""

import base64
import json
import logging
import os
import shlex
import stat
import subprocess
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final
from urllib.parse import quote, quote_plus

from itops.errors import ConfigInvalid
from itops.secrets import Secret

COMMAND_TIMEOUT_SECONDS: Final = 30.0
_SIZE_LIMIT_BYTES = 64 * 1024
_FORMS = "file:PATH, env:NAME, systemd:NAME, keyring:SERVICE/USER or command:PROGRAM ARGUMENT..."
_TOO_SHORT_TO_HIDE = 4  # replacing every "a" would make a log unreadable, and tell the secret


class ReferencedSecret(Secret):
    """A secret that is fetched when `reveal` is first called; raises ConfigInvalid when it cannot be had."""

    __slots__ = ("_folder", "_resolved", "reference")

    def __init__(self, reference: str, folder: Path) -> None:
        scheme, _, rest = reference.partition(":")
        if scheme not in _RESOLVERS or not rest.strip():
            # The text itself is not repeated: it probably is the password.
            raise ConfigInvalid("a secret is not written here, only where to find it", remedy=f"write {_FORMS}")
        super().__init__("")
        self.reference = reference
        self._folder = folder
        self._resolved: Secret | None = None

    def reveal(self) -> str:
        """The value itself, for the one call that needs it."""
        if self._resolved is None:
            scheme, _, rest = self.reference.partition(":")
            self._resolved = _RESOLVERS[scheme](rest.strip(), self._folder)
        return self._resolved.reveal()

    @property
    def is_revealed(self) -> bool:
        """Was it fetched already? What was not cannot be in any log."""
        return self._resolved is not None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ReferencedSecret) and self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)

    @property
    def _identity(self) -> tuple[str, Path]:
        return (self.reference, self._folder)


def resolve(reference: str, folder: Path) -> Secret:
    """The secret behind a reference, fetched now; paths are relative to `folder`. Raises ConfigInvalid."""
    secret = ReferencedSecret(reference, folder)
    secret.reveal()
    return secret


def _from_file(rest: str, folder: Path) -> Secret:
    path = folder / Path(rest).expanduser()
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))  # a fifo must not hang us
    except OSError as failure:
        remedy = f"create {path}" if isinstance(failure, FileNotFoundError) else f"let this user read {path}"
        raise _cannot(f"the secret file {path} cannot be opened: {failure.strerror}", remedy) from None
    try:
        _refuse_shared(path, os.fstat(descriptor))
        secret = _text(os.read(descriptor, _SIZE_LIMIT_BYTES))
    finally:
        os.close(descriptor)
    if secret is None:
        raise _cannot(f"the secret file {path} is empty or not UTF-8 text", f"write the secret into {path}")
    return secret


def _refuse_shared(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise _cannot(f"the secret file {path} is not a file", "give the path of a file")
    if os.name != "posix":
        return  # Windows keeps access lists, which these bits do not show
    if status.st_mode & 0o077:
        mode = stat.S_IMODE(status.st_mode)
        raise _cannot(f"the secret file {path} is open to others (mode {mode:04o})", f"chmod 600 {path}")
    if status.st_uid not in {os.geteuid(), 0}:
        raise _cannot(f"the secret file {path} belongs to another user", f"chown {os.geteuid()} {path}")


def _from_environment(rest: str, folder: Path) -> Secret:
    if not os.environ.get(rest):
        raise _cannot(f"the environment variable {rest} is not set", f"set {rest}, or refer to a file: instead")
    return Secret(os.environ[rest])


def _from_systemd(rest: str, folder: Path) -> Secret:
    directory = os.environ.get("CREDENTIALS_DIRECTORY")
    if not directory:
        raise _cannot(
            f"the systemd credential {rest} is not there: not started by systemd with credentials",
            f"add LoadCredential={rest}:/path to the unit, or run it through systemd",
        )
    if "/" in rest or rest in {".", ".."}:
        raise _cannot(f"{rest!r} is not the name of a systemd credential", "write systemd:NAME")
    try:
        secret = _text((Path(directory) / rest).read_bytes())
    except OSError:
        secret = None
    if secret is None:
        raise _cannot(f"the systemd credential {rest} cannot be read", f"add LoadCredential={rest}:/path to the unit")
    return secret


def _from_keyring(rest: str, folder: Path) -> Secret:
    service, _, user = rest.rpartition("/")
    if not service or not user:
        raise _cannot(f"{rest!r} names no entry of a keyring", "write keyring:SERVICE/USER")
    secret: Secret | None = None
    problem = "holds no such entry"
    try:
        import keyring  # noqa: PLC0415  an optional extra, and 97 ms
        from keyring.errors import KeyringError  # noqa: PLC0415
    except ImportError:
        raise _cannot("the keyring package is not installed", "pip install 'itops[keyring]'") from None
    try:
        secret = _wrapped(keyring.get_password(service, user))
    except KeyringError as failure:
        problem = f"cannot be used ({type(failure).__name__})"
    if secret is None:
        raise _cannot(f"the keyring {problem}: {rest}", f"run `keyring set {service} {user}`, or use file:")
    return secret


def _from_command(rest: str, folder: Path) -> Secret:
    try:
        argv = shlex.split(rest)
    except ValueError:
        raise _cannot("the command: of a secret has an open quote", "close the quote") from None
    program = argv[0] if argv else ""
    problem, secret = _output_of(argv, folder)
    if secret is None:
        raise _cannot(f"the secret's command {program} {problem}", f"run {program} by hand as this user")
    return secret


def _output_of(
    argv: list[str], folder: Path, timeout_seconds: float = COMMAND_TIMEOUT_SECONDS
) -> tuple[str, Secret | None]:
    """Run without a shell; the first line of its output. Its stderr is not repeated: it may hold what it should not."""
    try:
        done = subprocess.run(
            argv, cwd=folder, capture_output=True, timeout=timeout_seconds, check=False, stdin=subprocess.DEVNULL
        )
    except subprocess.TimeoutExpired:
        return f"did not end within {timeout_seconds:g} s", None
    except (OSError, ValueError) as failure:
        return f"cannot be run: {type(failure).__name__}", None
    if done.returncode != 0:
        return f"ended with code {done.returncode}", None
    return "printed nothing, or not UTF-8 text", _text(done.stdout)


def _text(content: bytes) -> Secret | None:
    """The first line; an editor's newline at the end of a secret file is not part of the secret."""
    try:
        return _wrapped(content.decode("utf-8-sig").split("\n", 1)[0].rstrip("\r"))
    except UnicodeDecodeError:
        return None


def _wrapped(value: str | None) -> Secret | None:
    return Secret(value) if value else None


def _cannot(problem: str, remedy: str) -> ConfigInvalid:
    return ConfigInvalid(problem, remedy=remedy)


_RESOLVERS: Mapping[str, Callable[[str, Path], Secret]] = {
    "file": _from_file,
    "env": _from_environment,
    "systemd": _from_systemd,
    "keyring": _from_keyring,
    "command": _from_command,
}


def redact(text: str, secrets: Iterable[Secret]) -> str:
    """`text` with every secret that was ever fetched replaced by ***, URL-encoded, base64 and JSON forms included."""
    for form in sorted(_forms(secrets), key=len, reverse=True):
        text = text.replace(form, "***")
    return text


def _forms(secrets: Iterable[Secret]) -> set[str]:
    forms: set[str] = set()
    for secret in secrets:
        if isinstance(secret, ReferencedSecret) and not secret.is_revealed:
            continue
        value = secret.reveal()
        if len(value) < _TOO_SHORT_TO_HIDE:
            continue
        raw = value.encode()
        forms |= {value, quote(value, safe=""), quote(value), quote_plus(value), repr(value)[1:-1]}
        forms |= {json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1]}
        forms |= {base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode()}
        forms |= {base64.b64encode(raw).decode().rstrip("=")}
    return forms


class Redaction(logging.Filter):
    """A logging filter that hides secrets in messages and in the text of exceptions."""

    def __init__(self, secrets: Iterable[Secret]) -> None:
        super().__init__()
        self._secrets = tuple(secrets)

    def filter(self, record: logging.LogRecord) -> bool:
        """Always lets the record through, rewritten."""
        record.msg, record.args = redact(record.getMessage(), self._secrets), None
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = redact(record.exc_text, self._secrets)
        return True

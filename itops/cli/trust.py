"""`itops trust`: look at a server's certificate once, with your own eyes, and pin it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit

import click

from itops.config import patching
from itops.config.yaml import Document
from itops.config.yaml import load as load_yaml
from itops.errors import UsageWrong
from itops.sources.certificate import Certificate, describe
from itops.text import plain
from itops.tls import fetch_leaf

_HTTPS = 443
_SECTIONS = (("sources",), ("delivery", "targets"), ("alerts", "channels"), ("heartbeat", "pings"))
_HIGHEST_PORT = 65_535


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Which server, and under which entry of itops.yaml its pin belongs."""

    host: str
    port: int
    place: tuple[str, ...]  # ("sources", "vc01"), ("alerts", "channels", "mail")

    @property
    def name(self) -> str:
        """As a person finds it in itops.yaml."""
        return ".".join(self.place)


@click.command()
@click.argument("server", metavar="HOST[:PORT]")
@click.option(
    "--source",
    metavar="NAME",
    help="The source, or other entry of itops.yaml that names a server, where the host does not tell.",
)
@click.option("--yes", is_flag=True, help="Pin without asking: only where you know the fingerprint from elsewhere.")
@click.option(
    "--timeout", "timeout_seconds", type=click.IntRange(1, 600), default=10, show_default=True, help="Seconds to wait."
)
@click.pass_obj
def trust(config_path: str, *, server: str, source: str | None, yes: bool, timeout_seconds: int) -> None:
    """Show a server's certificate and write its SHA-256 into itops.yaml as tls: pin of what names the server.

    That may be a source, a way to headquarters, an alert channel or a ping.

    Nothing is logged in to. Compare the fingerprint with the one that the server's console shows before you say yes.
    """
    path = Path(config_path)
    document = load_yaml(path)
    target = find_target(document, server, source)
    certificate = describe(fetch_leaf(target.host, target.port, timeout_seconds))
    pin = f"pin:sha256:{certificate.fingerprint}"
    held = _entries(document)[target.place]
    present = str(held.get("tls") or "system")
    _show(certificate, target)
    if present.lower().replace(":", "") == pin.replace(":", ""):
        click.echo(f"{target.name} has this pin already; nothing to do", err=True)
        return
    click.echo(f"{target.name} has now: tls: {plain(present)}", err=True)
    if not yes:
        click.confirm(f"write tls: {pin}?", abort=True, err=True)
    changed = patching.with_value(document, (*target.place, "tls"), pin, after="host" if "host" in held else "url")
    patching.write(path, document, changed)
    click.echo(f"{path} changed: {target.name}.tls", err=True)


def find_target(document: Document, server: str, name: str | None) -> Target:
    """The server and its entry, by --source, else by the host (and port). Raises UsageWrong when that is not one."""
    host, port = split_server(server)
    entries = _entries(document)
    if name is not None:
        places = [place for place in entries if place[-1] == name]
        if not places:
            known = ", ".join(place[-1] for place in entries) or "(none)"
            raise UsageWrong(f"there is no source {name!r}", remedy=f"use one of: {known}")
    else:
        places = [place for place, held in entries.items() if _host_of(held).lower() == host.lower()]
        if len(places) > 1 and port is not None:
            places = [place for place in places if _port_of(entries[place]) == port]
    if len(places) != 1:
        found = f"{len(places)} entries have" if places else "no entry has"
        raise UsageWrong(f"{found} the host {host}", remedy="add it to itops.yaml, or name it with --source")
    return Target(host=host, port=port or _port_of(entries[places[0]]), place=places[0])


def split_server(server: str) -> tuple[str, int | None]:
    """HOST, HOST:PORT, an IPv6 address, or [IPv6]:PORT. Raises UsageWrong for a port that cannot be."""
    if server.startswith("["):
        host, _, port = server[1:].partition("]")
        port = port.removeprefix(":")
    elif server.count(":") == 1:
        host, _, port = server.partition(":")
    else:
        host, port = server, ""
    if not host or (port and not (port.isascii() and port.isdigit() and 0 < int(port[:6]) <= _HIGHEST_PORT)):
        raise UsageWrong(f"{server!r} is not HOST[:PORT]", remedy="write vc01.example.ir or vc01.example.ir:443")
    return host, int(port) if port else None


def _entries(document: Document) -> dict[tuple[str, ...], dict[str, Any]]:
    """Everything of itops.yaml that names a server, by its place."""
    found: dict[tuple[str, ...], dict[str, Any]] = {}
    for section in _SECTIONS:
        tree: Any = document.texts
        for key in section:
            tree = tree.get(key) if isinstance(tree, dict) else None
        entries = tree.items() if isinstance(tree, dict) else ()
        found |= {(*section, name): held for name, held in entries if isinstance(held, dict)}
    return found


def _host_of(held: dict[str, Any]) -> str:
    return str(held["host"]) if "host" in held else _address(held).hostname or ""


def _port_of(held: dict[str, Any]) -> int:
    port = str(held.get("port", "")) or str(_address(held).port or _HTTPS)
    return int(port) if port.isascii() and port.isdigit() and len(port) <= len(str(_HIGHEST_PORT)) else _HTTPS


def _address(held: dict[str, Any]) -> SplitResult:
    address = urlsplit(str(held.get("url", "")))
    return address if _has_a_port(address) else urlsplit("")


def _has_a_port(address: SplitResult) -> bool:
    """Or none at all; urlsplit tells a port that cannot be only when it is asked for."""
    try:
        return address.port != 0
    except ValueError:
        return False


def _show(certificate: Certificate, target: Target) -> None:
    pairs = [certificate.fingerprint[at : at + 2].upper() for at in range(0, len(certificate.fingerprint), 2)]
    lines = {
        "server": f"{target.host}:{target.port}",
        "subject": certificate.subject,
        "issuer": certificate.issuer + (" (itself)" if certificate.is_self_signed else ""),
        "names": ", ".join(certificate.names) or "(none)",
        "valid": f"{certificate.begins_at:%Y-%m-%d} to {certificate.ends_at:%Y-%m-%d}",
        "SHA-256": ":".join(pairs),
    }
    for title, value in lines.items():
        click.echo(f"{title:<8} {plain(value)}")

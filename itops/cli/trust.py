"""`itops trust`: look at a server's certificate once, with your own eyes, and pin it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from itops.config import patching
from itops.config.yaml import Document
from itops.config.yaml import load as load_yaml
from itops.errors import UsageWrong
from itops.sources.certificate import Certificate, describe
from itops.text import plain
from itops.tls import fetch_leaf

_HTTPS = 443
_HIGHEST_PORT = 65_535


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Which server, and under which source of itops.yaml its pin belongs."""

    host: str
    port: int
    source: str


@click.command()
@click.argument("server", metavar="HOST[:PORT]")
@click.option("--source", help="The source in itops.yaml, where its host does not tell.")
@click.option("--yes", is_flag=True, help="Pin without asking: only where you know the fingerprint from elsewhere.")
@click.option(
    "--timeout", "timeout_seconds", type=click.IntRange(1, 600), default=10, show_default=True, help="Seconds to wait."
)
@click.pass_obj
def trust(config_path: str, *, server: str, source: str | None, yes: bool, timeout_seconds: int) -> None:
    """Show a server's certificate and write its SHA-256 into itops.yaml as the source's tls: pin.

    Nothing is logged in to. Compare the fingerprint with the one that the server's console shows before you say yes.
    """
    path = Path(config_path)
    document = load_yaml(path)
    target = find_target(document, server, source)
    certificate = describe(fetch_leaf(target.host, target.port, timeout_seconds))
    pin = f"pin:sha256:{certificate.fingerprint}"
    present = str(_sources(document)[target.source].get("tls") or "system")
    _show(certificate, target)
    if present.lower().replace(":", "") == pin.replace(":", ""):
        click.echo(f"source {target.source} has this pin already; nothing to do", err=True)
        return
    click.echo(f"source {target.source} has now: tls: {plain(present)}", err=True)
    if not yes:
        click.confirm(f"write tls: {pin}?", abort=True, err=True)
    changed = patching.with_value(document, ("sources", target.source, "tls"), pin, after="host")
    patching.write(path, document, changed)
    click.echo(f"{path} changed: sources.{target.source}.tls", err=True)


def find_target(document: Document, server: str, source: str | None) -> Target:
    """The server and its source, by --source, else by the host (and port). Raises UsageWrong when that is not one."""
    host, port = split_server(server)
    sources = _sources(document)
    if source is not None and source not in sources:
        raise UsageWrong(f"there is no source {source!r}", remedy=f"use one of: {', '.join(sources) or '(none)'}")
    if source is not None:
        names = [source]
    else:
        names = [name for name, held in sources.items() if str(held.get("host", "")).lower() == host.lower()]
        if len(names) > 1 and port is not None:
            names = [name for name in names if _port_of(sources[name]) == port]
    if len(names) != 1:
        found = f"{len(names)} sources have" if names else "no source has"
        raise UsageWrong(f"{found} the host {host}", remedy="add the source to itops.yaml, or name it with --source")
    return Target(host=host, port=port or _port_of(sources[names[0]]), source=names[0])


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


def _sources(document: Document) -> dict[str, dict[str, Any]]:
    whole = document.texts if isinstance(document.texts, dict) else {}
    sources = whole.get("sources")
    held = sources if isinstance(sources, dict) else {}
    return {name: source for name, source in held.items() if isinstance(source, dict)}


def _port_of(source: dict[str, Any]) -> int:
    port = str(source.get("port", _HTTPS))
    return int(port) if port.isascii() and port.isdigit() and len(port) <= len(str(_HIGHEST_PORT)) else _HTTPS


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

"""What a repository's bytes lie on, as one word: two repositories with the same word are one medium.

Two shares of one NAS are one box, however they are reached; two disks of this machine are two.
"""

import re

_NETWORK = ("nfs", "cifs", "smb", "fuse.sshfs", "glusterfs", "ceph", "davfs", "9p")
_ADDRESS = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}|.*:.*")


def box_of_mount(kind: str, source: str) -> str | None:
    """The server of a mounted share: `nas` of `cifs //nas/backup` and of `nfs4 nas:/backup`; None for a local disk."""
    if not kind.startswith(_NETWORK):
        return None
    bare = source.removeprefix("//")
    host = bare.partition("/")[0] if bare != source else source.partition(":")[0]
    return short_name(host.rpartition("@")[2]) or None


def box_of_address(address: str) -> str | None:
    """The server of `sftp:user@host:/srv`, `ssh://user@host:22/./path`, `rest:https://host:8000/`; None for none."""
    rest = address.rpartition("//")[2] if "//" in address else address.partition(":")[2]
    host = rest.partition("/")[0].rpartition("@")[2]
    host = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    return short_name(host) or None


def short_name(host: str) -> str:
    """A host without its domain, in lower case; an address stays as it is."""
    folded = host.strip().casefold()
    return folded if _ADDRESS.fullmatch(folded) else folded.partition(".")[0]

"""What itops.yaml may say about a pgBackRest repository."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from itops.backup.policy import Texts
from itops.repositories.products import Product, local_folder, program_setting
from itops.secrets import Secret

_PGBACKREST = Texts(("pgbackrest",))


@dataclass(frozen=True, slots=True, kw_only=True)
class PgbackrestSettings:
    """The keys of one repository of type pgbackrest: one stanza in one repository."""

    stanza: str
    config: Path | None = None  # pgbackrest.conf; None: where pgBackRest looks itself, or none at all beside `path`
    path: Path | None = None  # the repository itself, in place of what the configuration says: a disk from elsewhere
    repo: int = field(default=1, metadata={"range": (1, 256)})  # its number in the configuration
    password: Secret | None = None  # the cipher passphrase, where the configuration does not hold it
    secrets: Mapping[str, Secret] = field(default_factory=dict)  # other environment variables
    program: Texts = _PGBACKREST
    wal_segment_mib: int = field(default=16, metadata={"range": (1, 1024)})  # initdb --wal-segsize
    timeout_seconds: float = field(default=600.0, metadata={"range": (1, 86_400)})  # for a list

    def __post_init__(self) -> None:
        if self.wal_segment_mib & (self.wal_segment_mib - 1):
            raise ValueError("wal_segment_mib: should be a power of two")
        program_setting(self.program)

    def product(self) -> Product:
        """pgBackRest with its secrets. Raises SourceUnavailable when the folder is not there."""
        if self.path is not None:
            local_folder(self.path, "path")
        secrets = dict(self.secrets)
        if self.password is not None:
            secrets[f"PGBACKREST_REPO{self.repo}_CIPHER_PASS"] = self.password
        return Product(title="pgBackRest", program=tuple(self.program), secrets=secrets)

    def switches(self, log_level: str = "warn") -> tuple[str, ...]:
        """For every run: which stanza and repository, reasons on stderr, and no log file of our own."""
        switches = [f"--stanza={self.stanza}", "--log-level-console=off", "--log-level-file=off"]
        switches += [f"--log-level-stderr={log_level}", "--no-log-timestamp", f"--repo={self.repo}"]
        if self.config is not None:
            switches.append(f"--config={self.config}")
        if self.path is not None:
            switches += [f"--repo{self.repo}-path={self.path}", *(["--no-config"] if self.config is None else [])]
        return tuple(switches)

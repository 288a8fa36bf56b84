"""What itops.yaml may say about a restic repository."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from itops.backup.policy import Texts
from itops.repositories.products import Product, local_folder, program_setting, refuse_password_in
from itops.secrets import Secret

_RESTIC = Texts(("restic",))


@dataclass(frozen=True, slots=True, kw_only=True)
class ResticSettings:
    """The keys of one repository of type restic; `path` or `address`, not both."""

    path: Path | None = None  # a folder of this machine or of a mounted share
    address: str | None = None  # anything else that restic understands: sftp:user@host:/srv/restic, s3:..., rest:...
    password: Secret | None = None
    secrets: Mapping[str, Secret] = field(default_factory=dict)  # environment variables, e.g. AWS_SECRET_ACCESS_KEY
    program: Texts = _RESTIC
    options: tuple[str, ...] = ()  # given as `-o key=value`
    objects: Mapping[str, str] = field(default_factory=dict)
    """Which object a snapshot holds: `host:path` or `host` to `server/name`. Not needed where a job has one object."""
    no_lock: bool = False  # the repository cannot be written: no lock is taken, so nobody may write it meanwhile
    any_repository: bool = False  # accept another repository than at the last look
    timeout_seconds: float = field(default=600.0, metadata={"range": (1, 86_400)})  # for a list

    def __post_init__(self) -> None:
        if (self.path is None) == (self.address is None):
            raise ValueError("write either path or address")
        refuse_password_in(self.address, "address")
        program_setting(self.program)

    def product(self) -> Product:
        """restic, told which repository and password. Raises SourceUnavailable when the folder is not there."""
        where = str(local_folder(self.path, "path")) if self.path else str(self.address)
        environment = {"RESTIC_REPOSITORY": where, "RESTIC_PROGRESS_FPS": "0"}
        secrets = dict(self.secrets)
        if self.password is not None:
            # A password file or command of our own environment would win over the password.
            environment |= {"RESTIC_PASSWORD_FILE": "", "RESTIC_PASSWORD_COMMAND": ""}
            secrets["RESTIC_PASSWORD"] = self.password
        return Product(title="restic", program=tuple(self.program), environment=environment, secrets=secrets)

    def switches(self) -> tuple[str, ...]:
        """For every run. Without a cache: a cached snapshot would be listed though its file is broken."""
        options = [part for option in self.options for part in ("-o", option)]
        return ("--no-cache", *(["--no-lock"] if self.no_lock else []), *options)

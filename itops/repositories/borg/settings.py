"""What itops.yaml may say about a Borg repository."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from itops.backup.policy import Texts
from itops.repositories.products import Product, local_folder, program_setting, refuse_password_in
from itops.secrets import Secret

_BORG = Texts(("borg",))


@dataclass(frozen=True, slots=True, kw_only=True)
class BorgSettings:
    """The keys of one repository of type borg; `path` or `address`, not both."""

    path: Path | None = None  # a folder of this machine or of a mounted share
    address: str | None = None  # ssh://user@host/./path
    password: Secret | None = None  # the passphrase
    secrets: Mapping[str, Secret] = field(default_factory=dict)  # other environment variables
    program: Texts = _BORG
    base_folder: Path | None = None
    """Where Borg keeps its cache and what it remembers of repositories; None: in the home of the account.

    Keep it: by what it remembers Borg notices that a repository was put back to an older state."""
    allow_relocated: bool = False  # the repository may lie elsewhere than when this account last used it
    allow_unencrypted: bool = False  # a repository without encryption that this account never used
    any_repository: bool = False  # accept another repository than at the last look
    lock_wait_seconds: int = field(default=10, metadata={"range": (1, 3600)})
    timeout_seconds: float = field(default=600.0, metadata={"range": (1, 86_400)})  # for a list

    def __post_init__(self) -> None:
        if (self.path is None) == (self.address is None):
            raise ValueError("write either path or address")
        refuse_password_in(self.address, "address")
        program_setting(self.program)

    def product(self) -> Product:
        """borg, told which repository and passphrase. Raises SourceUnavailable when the folder is not there."""
        where = str(local_folder(self.path, "path")) if self.path else str(self.address)
        environment = {
            "BORG_REPO": where,
            "TZ": "UTC",  # borg prints the local time of the machine that asks, without saying so
            "BORG_RELOCATED_REPO_ACCESS_IS_OK": _yes_or_no(self.allow_relocated),
            "BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK": _yes_or_no(self.allow_unencrypted),
            "BORG_EXIT_CODES": "legacy",  # 0, 1 and 2 of every version; the reason has a name of its own anyway
        }
        if self.base_folder is not None:
            environment["BORG_BASE_DIR"] = str(self.base_folder)
        secrets = dict(self.secrets)
        if self.password is not None:
            secrets["BORG_PASSPHRASE"] = self.password
        return Product(title="borg", program=tuple(self.program), environment=environment, secrets=secrets)

    def switches(self) -> tuple[str, ...]:
        """For every run: reasons as JSON lines, and patience with a lock."""
        return ("--log-json", "--lock-wait", str(self.lock_wait_seconds))


def _yes_or_no(answer: bool) -> str:  # noqa: FBT001  a value, not a switch
    return "yes" if answer else "no"

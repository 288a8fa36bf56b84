"""What itops.yaml may say about a Barman server."""

from dataclasses import dataclass, field
from pathlib import Path

from itops.backup.policy import Texts
from itops.repositories.products import Product, program_setting

_BARMAN = Texts(("barman",))


@dataclass(frozen=True, slots=True, kw_only=True)
class BarmanSettings:
    """The keys of one repository of type barman: one server of one Barman."""

    server: str
    config: Path | None = None  # barman.conf; None: where Barman looks itself
    program: Texts = _BARMAN
    pg_waldump: Path | None = None  # of the server's major version; None: where Debian and Red Hat put it, or PATH
    timeout_seconds: float = field(default=600.0, metadata={"range": (1, 86_400)})  # for a list

    def __post_init__(self) -> None:
        program_setting(self.program)

    def product(self) -> Product:
        """Barman with its configuration, answering in JSON."""
        config = () if self.config is None else ("--config", str(self.config))
        return Product(title="Barman", program=(*self.program, *config))

"""What really lies in a pgBackRest repository, asked of pgBackRest itself: on a disk, in S3, encrypted or not."""

from collections.abc import Mapping
from typing import Any

from itops.backup.formats import Effort, Unprovable
from itops.programs import Outcome
from itops.repositories.pgbackrest.settings import PgbackrestSettings
from itops.repositories.products import Product

_FILE_MISSING = 55


class Stored:
    """Listings and manifests, each asked for once."""

    def __init__(self, product: Product, settings: PgbackrestSettings, effort: Effort) -> None:
        self._product = product
        self._settings = settings
        self._effort = effort
        self._listings: dict[str, Mapping[str, int]] = {}

    def wal_names(self, archive: str, folder: str) -> tuple[str, ...]:
        """The files of one folder of the archive, none when it is not there."""
        return tuple(self._sizes(f"archive/{self._settings.stanza}/{archive}/{folder}"))

    def sizes_of(self, label: str) -> Mapping[str, int]:
        """All files of a backup's folder with their sizes."""
        return self._sizes(f"backup/{self._settings.stanza}/{label}", "--recurse")

    def manifest(self, label: str) -> str | None:
        """The manifest, or its copy as pgBackRest itself would take it; None when both are gone."""
        for name in ("backup.manifest", "backup.manifest.copy"):
            outcome = self._run("repo-get", f"backup/{self._settings.stanza}/{label}/{name}")
            if outcome.code == 0 and outcome.stdout and not outcome.is_cut:
                return outcome.text
            if outcome.code not in {0, _FILE_MISSING} or outcome.is_cut:
                raise Unprovable("structure-unknown", exit_code=outcome.code)
        return None

    def _sizes(self, path: str, *switches: str) -> Mapping[str, int]:
        if path not in self._listings:
            outcome = self._run("repo-ls", path, *switches, "--output=json")
            if outcome.code != 0:
                raise self._product.failed(outcome, f"to list {path}", remedy="check the rights of the account")
            self._listings[path] = _files(self._product.json_of(outcome, f"of {path}"))
        return self._listings[path]

    def _run(self, *arguments: str) -> Outcome:
        self._effort.tick()
        outcome = self._product.run(*self._settings.switches(), *arguments, seconds=self._effort.seconds_left)
        if outcome.is_timeout:
            raise Unprovable("out-of-time", seconds=round(outcome.seconds))
        return outcome


def _files(answer: Any) -> dict[str, int]:
    if not isinstance(answer, dict):
        return {}
    entries = ((name, entry) for name, entry in answer.items() if isinstance(entry, dict))
    return {name: int(entry.get("size") or 0) for name, entry in entries if entry.get("type") == "file"}

"""What repositories of products share: running a product, quoting it, and saying what its check proved of each copy."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from itops.backup.copies import Copy, Fault
from itops.backup.formats import Damaged, Effort
from itops.backup.levels import Level
from itops.backup.proofs import Examination, Limit
from itops.errors import SourceUnavailable
from itops.facts import Fact
from itops.programs import Outcome, run_program
from itops.secrets import Secret

MOST_QUOTED = 2000
_MOST_LISTED = 2000
_MOST_SAID = 500
_NUMBER = re.compile(r"\d+(?:\.\d+)+")
_PASSWORD_IN_ADDRESS = re.compile(r"://[^/@]*:[^/@]*@")
OUT_OF_TIME = "out-of-time"


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """A program with the settings that every run of it needs. Secrets reach its environment and nothing else."""

    title: str  # "restic", as people call it
    program: tuple[str, ...]  # with what comes before it: ("sudo", "-n", "-u", "barman", "barman")
    environment: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, Secret] = field(default_factory=dict)

    def run(self, *arguments: str | Path, seconds: float, folder: Path | None = None) -> Outcome:
        """Run it; raises SourceUnavailable when it is not there."""
        revealed = {name: secret.reveal() for name, secret in self.secrets.items()}
        environment = {**self.environment, **revealed}
        return run_program([*self.program, *arguments], seconds=seconds, environment=environment, folder=folder)

    def quote(self, *texts: str) -> str:
        """What it said, without secrets, shortened to its end: that is where the reason stands."""
        text = "\n".join(part for text in texts if (part := text.strip()))
        for secret in self.secrets.values():
            if len(value := secret.reveal()) >= 4:  # a shorter one would only be shown by the holes it leaves
                text = text.replace(value, "***")
        return text if len(text) <= MOST_QUOTED else f"... {text[-MOST_QUOTED:]}"

    def version(self, *arguments: str, seconds: float = 60.0) -> str:
        """Such as "0.14.0"; "" when it does not say."""
        outcome = self.run(*(arguments or ("--version",)), seconds=seconds)
        found = _NUMBER.search(outcome.text)
        return found[0] if found else ""

    def failed(self, outcome: Outcome, doing: str, *, remedy: str) -> SourceUnavailable:
        """The error to raise when it could not do what it was asked to."""
        if outcome.is_timeout:
            problem = f"{self.title} did not finish {doing} in {outcome.seconds:.0f} seconds"
            return SourceUnavailable(problem, remedy="give it more time in itops.yaml, or see what it waits for")
        said = self.quote(outcome.stderr) or self.quote(outcome.text) or f"exit code {outcome.code}"
        return SourceUnavailable(f"{self.title} failed {doing}: {said}", remedy=remedy)

    def not_restorable(self, outcome: Outcome, said: str, *found: Fault) -> Damaged:
        """What to raise when the product is well and cannot give a copy back: that is the copy's fault."""
        quoted = " ".join(self.quote(said).split())[-_MOST_SAID:]
        facts: dict[str, Fact] = {"tool": self.title, "code": outcome.code, "said": quoted}
        return Damaged(Fault(code="restore-failed", facts=facts), *found)

    def json_of(self, outcome: Outcome, doing: str) -> Any:
        """Its output as JSON; raises SourceUnavailable for anything else."""
        remedy = f"run {' '.join(outcome.arguments[:3])} ... by hand and see what it prints"
        if outcome.is_cut:
            raise SourceUnavailable(f"the answer of {self.title} {doing} is longer than 64 MiB", remedy=remedy)
        try:
            return json.loads(outcome.text)
        except (ValueError, RecursionError) as failure:
            problem = f"the answer of {self.title} {doing} cannot be read: {failure}"
            raise SourceUnavailable(problem, remedy=remedy) from failure


def version_parts(version: str) -> tuple[int, ...]:
    """ "2.45" as (2, 45), for comparing."""
    return tuple(int(part) for part in version.split(".") if part.isdecimal())


def program_setting(program: Sequence[str]) -> tuple[str, ...]:
    """The setting `program` checked; raises ValueError."""
    if not program or not all(program):
        raise ValueError("program: name the program, or a list such as [sudo, -n, -u, barman, barman]")
    return tuple(program)


def refuse_password_in(address: str | None, key: str) -> None:
    """Raise ValueError for an address that holds a password: every account of this machine could read it."""
    if address and _PASSWORD_IN_ADDRESS.search(address):
        raise ValueError(f"{key}: holds a password; write it as a secret instead")


def local_folder(path: Path, key: str) -> Path:
    """The folder of a repository on this machine; raises SourceUnavailable naming the setting."""
    try:
        is_there = path.is_dir()
        is_empty = is_there and next(path.iterdir(), None) is None
    except OSError as failure:
        problem = f"{path} cannot be listed: {failure.strerror or failure}"
        raise SourceUnavailable(problem, remedy=f"check the rights of the folder, or `{key}`") from failure
    if not is_there or is_empty:
        state = "is empty" if is_there else "is not there"
        raise SourceUnavailable(f"{path} {state}", remedy=f"mount the disk or share, or correct `{key}`")
    return path


def joined_ids(ids: Iterable[str]) -> str:
    """Sorted, shortened and joined, so that a look remembers what it saw."""
    return ",".join(sorted(ids)[:_MOST_LISTED])


def refuse_other_repository(last: Mapping[str, Fact], here: str | None, product: str) -> None:
    """Raise SourceUnavailable when another repository stands where the last complete look saw one."""
    before = last.get("repository_id")
    if before and here and before != here:
        raise SourceUnavailable(
            f"this is another {product} repository than at the last look: {str(before)[:16]} then, {here[:16]} now",
            remedy="mount the right disk; if it was made anew on purpose, set any_repository: true for one look",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What was found out about one copy."""

    level: Level | None = Level.IDENTIFIED
    faults: tuple[Fault, ...] = ()
    limits: tuple[Limit, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """What one run over a repository found: of single copies, and of all others alike."""

    others: Finding
    single: Mapping[str, Finding] = field(default_factory=dict)  # by key
    evidence: Mapping[str, Fact] = field(default_factory=dict)

    def of(self, copy: Copy) -> Finding:
        """What is known of this copy."""
        return self.single.get(copy.key, self.others)


def asked(effort: Effort) -> Level:
    """The level that a product can be asked for: what comes after intact needs another place."""
    return min(effort.level, Level.INTACT)


def examinations(
    pairs: Iterable[tuple[Copy, Finding]], effort: Effort, *, product: str, version: str, evidence: Mapping[str, Fact]
) -> Iterator[tuple[Copy, Examination]]:
    """The findings as examinations; what the product's list told is the identity."""
    for copy, finding in pairs:
        yield (
            copy,
            Examination(
                format=product,
                attempted=effort.level,
                level=finding.level,
                identity=copy.catalogue,
                faults=finding.faults,
                limits=finding.limits,
                tool=product,
                tool_version=version,
                evidence=evidence,
            ),
        )


def of_what_is_listed(
    copies: Iterable[Copy], listed: Mapping[str, Copy], report: Report
) -> Iterator[tuple[Copy, Finding]]:
    """Each copy with its finding; one that the product no longer lists is gone, whatever its check says.

    A check looks at what is there: it is content with a repository from which a backup has vanished.
    """
    for copy in copies:
        now = listed.get(copy.key)
        if now is None:
            yield copy, Finding(level=None, faults=(Fault(code="gone"),))
        elif now.fingerprint != copy.fingerprint:
            yield copy, Finding(level=None, limits=(Limit(code="changed-since-look"),))
        elif now.faults:
            finding = report.of(copy)
            yield copy, Finding(level=Level.SEEN, faults=(*now.faults, *finding.faults), limits=finding.limits)
        else:
            yield copy, report.of(copy)


def out_of_time(level: Level | None, outcome: Outcome) -> Finding:
    """What can be said when the product was ended for taking too long: nothing against the copies."""
    return Finding(level=level, limits=(Limit(code=OUT_OF_TIME, facts={"seconds": round(outcome.seconds)}),))


def empty_folder(into: Path) -> Path:
    """A new empty folder below `into` to restore into."""
    folder = into / "restored"
    folder.mkdir(mode=0o700, parents=True)
    return folder


def restored_place(folder: Path, path: str) -> Path:
    """Where below `folder` what was once at `path` now lies; `folder` itself when that cannot be told.

    Products drop what was before a relative path, so the longest end of `path` that is there is taken. Links, which
    the restored content is full of, are not followed.
    """
    parts = [part for part in path.split("/") if part]
    if ".." in parts or "." in parts:
        return folder
    for begin in range(len(parts)):
        places = [folder.joinpath(*parts[begin:end]) for end in range(begin + 1, len(parts) + 1)]
        if not any(place.is_symlink() for place in places) and (places[-1].is_dir() or places[-1].is_file()):
            return places[-1]
    return folder

"""What git tells of the register: each change once, by who made it, whatever became of branches, files and commits."""

import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

from itops.assets.history import RegisterChange
from itops.config.register.git_history import GitHistory, git_history

SITES = "sites: {head: {fa: اداره کل, en: Head office}, fardis: {fa: فردیس, en: Fardis}}\n"
ROOT = f"include: [inventory/*.yaml]\n{SITES}"
WHEN = 1_790_000_000  # seconds; each commit is one minute after the one before it


class Repository:
    """A register in a git repository, and people who commit into it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.minutes = 0
        self.git("init", "-q", "-b", "main")

    @property
    def root(self) -> Path:
        return self.folder / "inventory.yaml"

    def git(self, *words: str, author: str = "Operator", text: str | None = None) -> str:
        at = f"@{WHEN + 60 * self.minutes} +0330"
        who = {"GIT_AUTHOR_NAME": author, "GIT_AUTHOR_EMAIL": "o@example.ir", "GIT_AUTHOR_DATE": at}
        who |= {"GIT_COMMITTER_NAME": author, "GIT_COMMITTER_EMAIL": "o@example.ir", "GIT_COMMITTER_DATE": at}
        command = ["git", "-C", str(self.folder), *words]
        done = subprocess.run(
            command, check=False, capture_output=True, input=text, encoding="utf-8", env={**os.environ, **who}
        )
        assert done.returncode == 0 or words[0] == "merge", done.stderr
        return done.stdout.strip()

    def commit(self, author: str = "Operator", **files: str | None) -> str:
        """Write (or with None remove) `inventory.yaml` and such, and commit them; the commit's id."""
        for name, text in files.items():
            path = self.folder / name.replace("__", "/").replace("_yaml", ".yaml")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink() if text is None else path.write_text(text, encoding="utf-8")
        self.git("add", "-A")
        return self.kept(author)

    def kept(self, author: str = "Operator") -> str:
        self.minutes += 1
        self.git("commit", "-qm", "x", author=author)
        return self.git("rev-parse", "HEAD")[:12]


@pytest.fixture(autouse=True)
def _no_settings_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", os.devnull)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path)


def asset(asset_id: str, **more: str) -> str:
    keys = {"id": asset_id, "kind": "computer", "name": asset_id, "site": "head", **more}
    return "  - {" + ", ".join(f"{key}: {value}" for key, value in keys.items()) + "}\n"


def told(changes: tuple[RegisterChange, ...]) -> list[tuple[str, str, str | None, str | None]]:
    """Who changed what: of an asset that came or went its id alone."""
    whole = {(one.asset_id, one.reference) for one in changes if one.field == "id"}
    return [
        (f"{one.asset_id}.{one.field}", one.by or "", one.before, one.after)
        for one in changes
        if one.field == "id" or (one.asset_id, one.reference) not in whole
    ]


def test_a_change_in_an_included_file_has_its_author_its_time_and_its_commit(repository):
    repository.commit("First", inventory_yaml=ROOT, inventory__a_yaml="assets:\n" + asset("PC-1"))
    commit = repository.commit("Second", inventory__a_yaml="assets:\n" + asset("PC-1", serial="X123"))
    (newest, *older) = git_history(repository.root).changes
    assert newest == RegisterChange(
        asset_id="PC-1",
        field="serial",
        after="X123",
        at=datetime.fromtimestamp(WHEN + 120, UTC),
        by="Second",
        how="git",
        reference=commit,
    )
    assert told(tuple(older)) == [("PC-1.id", "First", None, "PC-1")]


def test_what_moves_from_one_file_to_another_has_not_changed(repository):
    repository.commit(inventory_yaml=ROOT, inventory__a_yaml="assets:\n" + asset("PC-1") + asset("PC-2"))
    repository.commit(
        "Tidy", inventory__a_yaml="assets:\n" + asset("PC-1"), inventory__b_yaml="assets:\n" + asset("PC-2")
    )
    assert {one.by for one in git_history(repository.root).changes} == {"Operator"}


def test_only_what_is_included_counts(repository):
    repository.commit(inventory_yaml=ROOT, inventory__a_yaml="assets:\n" + asset("PC-1"))
    repository.commit(
        "Other",
        other_yaml="assets:\n" + asset("PC-2"),
        inventory__deep__c_yaml="assets:\n" + asset("PC-3"),
        **{"inventory__.hidden_yaml": "assets:\n" + asset("PC-4")},
    )
    assert told(git_history(repository.root).changes) == [("PC-1.id", "Operator", None, "PC-1")]


def test_people_on_two_branches_take_nothing_from_each_other_and_their_merge_tells_nothing(repository):
    def lines(**own: str) -> str:
        return "assets:\n" + "".join(asset(name, location=own.get(name[-1], "old")) for name in ("PC-1", "PC-5"))

    between = "".join(f"# {number}\n" for number in range(10))
    base = lines().replace("  - {id: PC-5", between + "  - {id: PC-5")
    repository.commit("Base", inventory_yaml=ROOT, inventory__a_yaml=base)
    repository.git("switch", "-qc", "side")
    repository.commit("Side", inventory__a_yaml=base.replace("id: PC-5", "serial: S500, id: PC-5"))
    repository.git("switch", "-q", "main")
    repository.commit("Main", inventory__a_yaml=base.replace("id: PC-1", "serial: S100, id: PC-1"))
    repository.git("switch", "-q", "side")
    repository.commit("Side", other_txt="nothing of ours")
    repository.git("switch", "-q", "main")
    repository.minutes += 1
    repository.git("merge", "-q", "side", "-m", "both", author="Merger")
    found = git_history(repository.root)
    assert told(found.changes) == [
        ("PC-1.serial", "Main", None, "S100"),
        ("PC-5.serial", "Side", None, "S500"),
        ("PC-1.id", "Base", None, "PC-1"),
        ("PC-5.id", "Base", None, "PC-5"),
    ]
    assert not found.unreadable


def test_how_a_merge_decided_a_contradiction_is_told_of_who_decided(repository):
    repository.commit("Base", inventory_yaml=SITES + "assets:\n" + asset("PC-1", location="old"))
    repository.git("switch", "-qc", "side")
    repository.commit("Side", inventory_yaml=SITES + "assets:\n" + asset("PC-1", location="left"))
    repository.git("switch", "-q", "main")
    repository.commit("Main", inventory_yaml=SITES + "assets:\n" + asset("PC-1", location="right"))
    repository.git("merge", "-q", "side", "-m", "both")
    repository.commit("Merger", inventory_yaml=SITES + "assets:\n" + asset("PC-1", location="hall"))
    assert told(git_history(repository.root).changes)[:3] == [
        ("PC-1.location", "Merger", "right", "hall"),
        ("PC-1.location", "Main", "old", "right"),
        ("PC-1.location", "Side", "old", "left"),
    ]


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param("<<<<<<< ours\n", id="the marks of a merge"),
        pytest.param("assets: [{id: PC-1, id: PC-1}]\n", id="a key that stands twice"),
        pytest.param("nothing but words\n", id="no register at all"),
        pytest.param("assets: none\n", id="no list"),
        pytest.param(SITES + "incldue: [inventory/*.yaml]\n", id="a key that nobody knows"),
        pytest.param("\0", id="no text"),
    ],
)
def test_a_commit_that_cannot_be_read_is_named_and_what_it_changed_is_told_with_the_next(repository, broken):
    repository.commit("First", inventory_yaml=SITES + "assets:\n" + asset("PC-1"))
    bad = repository.commit("Careless", inventory_yaml=broken)
    repository.commit("Other", readme="nothing of the register")
    repository.commit("Careful", inventory_yaml=SITES + "assets:\n" + asset("PC-1", location="hall"))
    found = git_history(repository.root)
    assert found.unreadable == (bad,)
    assert told(found.changes) == [
        ("PC-1.location", "Careful", None, "hall"),
        ("PC-1.id", "First", None, "PC-1"),
    ]


def test_an_entry_with_a_mistake_has_not_left_and_come_back(repository):
    repository.commit("First", inventory_yaml=SITES + "assets:\n" + asset("PC-1") + asset("PC-2"))
    wrong = asset("PC-1", in_service="soon") + asset("PC-2", location="hall") + asset("PC-3", in_service="soon")
    bad = repository.commit("Careless", inventory_yaml=SITES + "assets:\n" + wrong)
    right = asset("PC-1", in_service="2026-01-02") + asset("PC-2", location="hall") + asset("PC-3")
    repository.commit("Careful", inventory_yaml=SITES + "assets:\n" + right)
    found = git_history(repository.root)
    assert found.unreadable == (bad,)
    assert told(found.changes) == [
        ("PC-1.in_service", "Careful", None, "2026-01-02"),
        ("PC-3.id", "Careful", None, "PC-3"),
        ("PC-2.location", "Careless", None, "hall"),
        ("PC-1.id", "First", None, "PC-1"),
        ("PC-2.id", "First", None, "PC-2"),
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("hardware.yaml", "inventory.yaml"),
        ("office/inventory.yaml", "inventory.yaml"),
        ("office [old]/hardware.yaml", "office/inventory.yaml"),
    ],
)
def test_a_register_that_was_moved_keeps_its_history(repository, old, new):
    before, after = repository.folder / old, repository.folder / new
    (before.parent / "inventory").mkdir(parents=True)
    before.write_text(ROOT, encoding="utf-8")
    for text in (asset("PC-1"), asset("PC-1", serial="X123")):
        (before.parent / "inventory" / "a.yaml").write_text("assets:\n" + text, encoding="utf-8")
        repository.commit("Before")
    after.parent.mkdir(exist_ok=True)
    if before.parent != after.parent:
        repository.git("mv", str(before.parent / "inventory"), str(after.parent / "inventory"))
    repository.git("mv", str(before), str(after))
    repository.kept("Mover")
    (after.parent / "inventory" / "a.yaml").write_text("assets:\n" + asset("PC-1", serial="X124"), encoding="utf-8")
    repository.commit("After")
    assert told(git_history(after).changes) == [
        ("PC-1.serial", "After", "X123", "X124"),
        ("PC-1.serial", "Before", None, "X123"),
        ("PC-1.id", "Before", None, "PC-1"),
    ]


def test_a_register_below_the_top_of_the_repository_is_followed_alone(repository):
    repository.commit(
        "First",
        office__inventory_yaml=ROOT,
        office__inventory__a_yaml="assets:\n" + asset("PC-1"),
        inventory__a_yaml="assets:\n" + asset("PC-9"),
    )
    repository.commit("Other", inventory__a_yaml="assets:\n" + asset("PC-8"))
    found = git_history(repository.folder / "office" / "inventory.yaml")
    assert told(found.changes) == [("PC-1.id", "First", None, "PC-1")]


def test_a_register_that_was_removed_and_written_anew_went_and_came(repository):
    repository.commit("First", inventory_yaml=SITES + "assets:\n" + asset("PC-1"))
    repository.commit("Second", inventory_yaml=None, readme_yaml="{}")
    repository.commit("Third", inventory_yaml=SITES + "assets:\n" + asset("PC-1"))
    assert told(git_history(repository.root).changes) == [
        ("PC-1.id", "Third", None, "PC-1"),
        ("PC-1.id", "Second", "PC-1", None),
        ("PC-1.id", "First", None, "PC-1"),
    ]


def test_more_commits_than_are_read_are_told_of(repository):
    for number in range(4):
        repository.commit(inventory_yaml=SITES + "assets:\n" + asset("PC-1", location=f"room {number}"))
    cut = git_history(repository.root, most_commits=2)
    assert cut.is_cut
    assert [change.before for change in cut.changes] == ["room 2", "room 1"]
    assert not git_history(repository.root).is_cut
    assert git_history(repository.root, patience_seconds=-1).is_cut


def test_the_oldest_commit_of_a_shallow_clone_is_not_where_everything_came_from(repository, tmp_path):
    for number in range(3):
        repository.commit(inventory_yaml=SITES + "assets:\n" + asset("PC-1", location=f"room {number}"))
    repository.git("clone", "-q", "--depth", "2", f"file://{tmp_path}", str(tmp_path / "clone"))
    found = git_history(tmp_path / "clone" / "inventory.yaml")
    assert told(found.changes) == [("PC-1.location", "Operator", "room 1", "room 2")]
    assert found.is_cut


def test_where_there_is_no_repository_there_is_no_history_and_no_trouble(tmp_path):
    (tmp_path / "inventory.yaml").write_text(SITES, encoding="utf-8")
    assert git_history(tmp_path / "inventory.yaml") == GitHistory()


def test_without_a_commit_there_is_no_history_and_no_trouble(repository):
    repository.root.write_text(SITES, encoding="utf-8")
    assert git_history(repository.root) == GitHistory()


def test_without_git_on_this_machine_there_is_no_history_and_no_trouble(repository, tmp_path, monkeypatch):
    repository.commit(inventory_yaml=SITES)
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    assert git_history(repository.root) == GitHistory()


def test_a_repository_that_git_cannot_read_is_told_in_its_words(repository):
    repository.commit(inventory_yaml=SITES)
    for loose in (repository.folder / ".git" / "objects").glob("??/*"):
        loose.unlink()
    assert "HEAD" in (git_history(repository.root).trouble or "")


def test_one_lost_version_of_a_file_hides_one_commit(repository):
    repository.commit("First", inventory_yaml=SITES + "assets:\n" + asset("PC-1"))
    lost = repository.commit("Second", inventory_yaml=SITES + "assets:\n" + asset("PC-1", serial="X123"))
    blob = repository.git("rev-parse", "HEAD:inventory.yaml")
    repository.commit("Third", inventory_yaml=SITES + "assets:\n" + asset("PC-1", serial="X124"))
    (repository.folder / ".git" / "objects" / blob[:2] / blob[2:]).unlink()
    found = git_history(repository.root)
    assert found.unreadable == (lost,)
    assert told(found.changes)[0] == ("PC-1.serial", "Third", None, "X124")


@pytest.mark.parametrize("at", ["99999999999999999 +0000", "-5 +0000", "soon", ""])
def test_a_commit_of_no_time_is_named_and_breaks_nothing(repository, at):
    repository.commit("First", inventory_yaml=SITES + "assets:\n" + asset("PC-1"))
    repository.commit("Second", inventory_yaml=SITES + "assets:\n" + asset("PC-1", serial="X123"))
    text = "\n".join(
        [
            f"tree {repository.git('rev-parse', 'HEAD^{tree}')}",
            f"parent {repository.git('rev-parse', 'HEAD~1')}",
            f"author \x1f\x1e \x1b[31m <o@example.ir> {at}",
            f"committer Operator <o@example.ir> {WHEN + 600} +0330",
            "",
            "x\n",
        ]
    )
    odd = repository.git("hash-object", "-t", "commit", "-w", "--stdin", "--literally", text=text)
    repository.git("update-ref", "HEAD", odd)
    found = git_history(repository.root)
    assert found.unreadable == (odd[:12],)
    assert told(found.changes) == [("PC-1.id", "First", None, "PC-1")]


def test_nothing_that_the_repository_configures_is_run(repository, tmp_path):
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch '{tmp_path}/was-run'\n", encoding="utf-8")
    program.chmod(0o755)
    repository.commit(
        "First", inventory_yaml=SITES + "assets:\n" + asset("PC-1"), **{".gitattributes": "*.yaml diff=x"}
    )
    signed = repository.git("cat-file", "commit", "HEAD").replace(
        "\n\n", "\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n iQ==\n -----END PGP SIGNATURE-----\n\n", 1
    )
    repository.git(
        "update-ref", "HEAD", repository.git("hash-object", "-t", "commit", "-w", "--stdin", text=signed + "\n")
    )
    settings = {"log.showSignature": "true", "core.pager": str(program), "core.fsmonitor": str(program)}
    settings |= {"gpg.program": str(program), "diff.x.textconv": str(program), "diff.external": str(program)}
    for name, value in settings.items():
        repository.git("config", name, value)
    assert told(git_history(repository.root).changes) == [("PC-1.id", "First", None, "PC-1")]
    assert not (tmp_path / "was-run").exists()

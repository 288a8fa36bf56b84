"""Two people, or a person and itops, work on the register on two branches; and four writers at once on one file."""

import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from itops.assets.edits import AddAsset, Edit, SetField
from itops.config.register.loading import load
from itops.config.register.writing import write_edits

pytestmark = pytest.mark.e2e
WHO = (
    "-c",
    "user.name=x",
    "-c",
    "user.email=x@example.ir",
    "-c",
    "init.defaultBranch=main",
    "-c",
    "core.autocrlf=false",
)
ENTRY = """
  - id: {id}
    kind: computer
    name: رایانه
    serial: CZ{number:04}K
    vendor: HP
    site: {site}
    location: اتاق {number}
    note: x
"""


def git(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["git", *WHO, *words], cwd=folder, check=False, capture_output=True, text=True)


def entries(site: str, numbers: Sequence[int]) -> str:
    return "".join(ENTRY.format(id=f"PC-{number:03}", number=number, site=site) for number in numbers)


def one_file(folder: Path) -> None:
    sites = "sites: {head: اداره کل, fardis: فردیس}\n\nassets:\n"
    text = sites + entries("head", range(10, 60, 10)) + entries("fardis", range(60, 100, 10))
    (folder / "inventory.yaml").write_text(text, encoding="utf-8")


def file_a_site(folder: Path) -> None:
    (folder / "inventory").mkdir()
    root = "include: [inventory/*.yaml]\nsites: {head: اداره کل, fardis: فردیس}\n"
    (folder / "inventory.yaml").write_text(root, encoding="utf-8")
    for site, numbers in {"head": range(10, 60, 10), "fardis": range(60, 100, 10)}.items():
        text = f"assets:\n{entries(site, numbers)}"
        (folder / "inventory" / f"{site}.yaml").write_text(text, encoding="utf-8")


def edit(*wanted: Edit) -> Callable[[Path], object]:
    return lambda folder: write_edits(folder / "inventory.yaml", wanted)


def added(asset_id: str, site: str) -> Edit:
    return AddAsset(asset_id=asset_id, fields={"kind": "printer", "name": "x", "site": site})


def field(asset_id: str, name: str, value: str) -> Edit:
    return SetField(asset_id=asset_id, field=name, value=value)


def by_hand(name: str, old: str, new: str) -> Callable[[Path], object]:
    def change(folder: Path) -> None:
        path = folder / name
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1
        path.write_text(text.replace(old, new), encoding="utf-8")

    return change


def append(name: str, text: str) -> Callable[[Path], object]:
    def change(folder: Path) -> None:
        path = folder / name
        path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")

    return change


LAST = ENTRY.format(id="PC-9{}", number=9, site="fardis")


@pytest.mark.parametrize(
    ("layout", "ours", "theirs", "is_clean"),
    [
        pytest.param(
            one_file,
            edit(added("PC-015", "head")),
            edit(added("PC-055", "head")),
            True,
            id="each adds where its id sorts",
        ),
        pytest.param(
            one_file,
            append("inventory.yaml", LAST.format("1")),
            append("inventory.yaml", LAST.format("2")),
            False,
            id="both append by hand: what we never do",
        ),
        pytest.param(
            one_file,
            edit(added("PC-015", "head")),
            append("inventory.yaml", LAST.format("2")),
            True,
            id="itops adds, a person appends",
        ),
        pytest.param(
            file_a_site,
            edit(added("PC-100", "fardis")),
            edit(added("PC-101", "head")),
            True,
            id="a file for each site: both at the end, of two sites",
        ),
        pytest.param(
            file_a_site,
            edit(added("PC-100", "fardis")),
            edit(added("PC-101", "fardis")),
            False,
            id="a file for each site: both at the end of one",
        ),
        pytest.param(
            one_file,
            edit(field("PC-010", "serial", "NEW12")),
            edit(field("PC-020", "serial", "NEW34")),
            True,
            id="two assets",
        ),
        pytest.param(
            one_file,
            edit(field("PC-010", "serial", "NEW12")),
            edit(field("PC-010", "note", "y")),
            True,
            id="distant fields of one asset",
        ),
        pytest.param(
            one_file,
            edit(field("PC-010", "serial", "NEW12")),
            edit(field("PC-010", "vendor", "Dell")),
            False,
            id="fields on two lines that touch",
        ),
        pytest.param(
            one_file,
            edit(*(field(f"PC-{number:03}", "model", "M1") for number in range(10, 100, 10))),
            by_hand("inventory.yaml", "اتاق 50", "اتاق سرور"),
            True,
            id="itops fills an empty field everywhere, a person moves one thing",
        ),
        pytest.param(
            one_file,
            edit(field("PC-010", "serial", "NEW12"), field("PC-090", "note", "y")),
            by_hand("inventory.yaml", "sites: {head: اداره کل,", "sites: {head: ادارۀ کل,"),
            True,
            id="itops edits, a person renames a site",
        ),
    ],
)
def test_what_two_branches_did_comes_together(tmp_path, layout, ours, theirs, is_clean):
    layout(tmp_path)
    (tmp_path / ".gitignore").write_text("*.lock\n")
    git(tmp_path, "init")
    git(tmp_path, "add", ".")
    assert git(tmp_path, "commit", "-m", "all").returncode == 0
    git(tmp_path, "checkout", "-b", "theirs")
    theirs(tmp_path)
    assert git(tmp_path, "commit", "-a", "-m", "theirs").returncode == 0
    git(tmp_path, "checkout", "main")
    ours(tmp_path)
    assert git(tmp_path, "commit", "-a", "-m", "ours").returncode == 0
    merged = git(tmp_path, "merge", "theirs")
    assert (merged.returncode == 0) is is_clean, merged.stdout
    if is_clean:
        assert load(tmp_path / "inventory.yaml").assets


def test_three_hundred_edits_are_three_hundred_lines_for_git(tmp_path):
    text = "sites: {head: x}\nassets:\n" + entries("head", range(300))
    (tmp_path / "inventory.yaml").write_text(text, encoding="utf-8")
    git(tmp_path, "init")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-m", "all")
    wanted = [field(f"PC-{number:03}", "location", f"طبقه {number}") for number in range(300)]
    diff = write_edits(tmp_path / "inventory.yaml", wanted).diff()
    assert git(tmp_path, "diff", "--numstat").stdout.split() == ["300", "300", "inventory.yaml"]
    git(tmp_path, "checkout", "inventory.yaml")
    changed = subprocess.run(
        ["git", *WHO, "apply", "-p0", "-"], cwd=tmp_path, input=diff, text=True, check=False, capture_output=True
    )
    assert changed.returncode == 0, changed.stderr
    assert git(tmp_path, "diff", "--numstat").stdout.split() == ["300", "300", "inventory.yaml"]


def test_four_writers_of_a_hundred_entries_each_lose_none(tmp_path):
    path = tmp_path / "inventory.yaml"
    path.write_text("sites: {h: x}\nassets:\n  - {id: A, kind: other, name: a, site: h}\n", encoding="utf-8")
    command = [sys.executable, "-m", "tests.config.register.writers", str(path)]
    writers = [subprocess.Popen([*command, name, "100"]) for name in "pqrs"]
    assert [writer.wait() for writer in writers] == [0, 0, 0, 0]
    asset = load(path).get("A")
    assert asset is not None
    assert {test.by for test in asset.tests} == {f"{name}-{number}" for name in "pqrs" for number in range(100)}

"""What the demo office must show after it was played, however it was simulated."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from openpyxl import load_workbook

from itops.tasks.play_demo import MARKER

REMOVED = {"kaspersky", "RDC", "Citrix", "DFSR", "SCCM"}
ADDED = {"WSUS", "SQL", "PDC", "VCSA", "DC", "KMS"}
SHEET_COUNT = 27
REPORTED = re.compile(r"^\$ itops report build --period (\S+)$", re.MULTILINE)
PLANTED = re.compile(r"Planted: no copy on (\S+), half of (\S+), another database in (\S+)\.")


def itops(*words: str) -> "subprocess.CompletedProcess[str]":
    """The command as a person types it, in a process of its own."""
    command = [sys.executable, "-m", "itops", *words]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False, timeout=180)


def itops_then(folder: Path, moment: str, *words: str) -> "subprocess.CompletedProcess[str]":
    """The command as a person of the demo types it at one of its moments: "closed" or "built"."""
    at = json.loads((folder / MARKER).read_text())[moment]
    command = [sys.executable, "-m", "itops.demo.played", at, "--config", str(folder / "itops.yaml"), *words]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False, timeout=180)


def played(folder: Path, *options: str) -> str:
    """Play the demo; what it printed."""
    done = itops("demo", "--folder", str(folder), *options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def changes(folder: Path, *period: str) -> dict[str, Any]:
    """The changes of VMs, as JSON tells them."""
    words = ("inventory", "changes", *period, "--kind", "vm", "--output", "json")
    done = itops("--config", str(folder / "itops.yaml"), *words)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)["data"]
    return found


def period_of(printed: str) -> list[str]:
    """The options of the period that the demo itself used."""
    found = re.search(r"^\$ itops inventory changes --kind vm (.+)$", printed, re.MULTILINE)
    assert found, printed
    return found[1].split()


def check_changes(folder: Path, *period: str) -> None:
    """Exactly those removed and added, by name, and nothing else pretends to be new."""
    found = changes(folder, *period)
    assert [change["name"] for change in found["removed"]] == sorted(REMOVED, key=str.casefold)
    assert {change["name"] for change in found["added"]} == ADDED
    assert len(found["added"]) == len(ADDED)
    assert {change["kind"] for change in (*found["removed"], *found["added"])} == {"vm"}


def check_workbook(folder: Path) -> None:
    """Another program reads every sheet, and finds the servers of today in it."""
    book = load_workbook(folder / "alborz-rvtools.xlsx", read_only=True)
    assert len(book.sheetnames) == SHEET_COUNT
    names = {row[0] for row in book["vInfo"].iter_rows(min_row=2, max_col=1, values_only=True)}
    assert names >= ADDED
    assert not names & REMOVED
    book.close()


def check_backups(folder: Path, printed: str) -> None:
    """The status names exactly what was planted: a day without a copy, a file cut, one of another database."""
    planted = PLANTED.search(printed)
    assert planted, printed
    done = itops_then(folder, "closed", "backup", "status", "--output", "json")
    assert done.returncode == 2, done.stderr
    rows = {row["job"]: row for row in json.loads(done.stdout)["data"]}
    assert {name: row["state"] for name, row in rows.items()} == {
        "insurance-db": "CRITICAL",
        "insured-db": "OK",
        "letters": "OK",
    }
    bad = [slot for tier in ("daily", "weekly", "monthly") for slot in rows["insurance-db"][tier]["slots"]]
    bad = [(slot["state"], slot["reason"], slot["copy"]) for slot in bad if slot["alarm"] != "OK"]
    missing, cut, foreign = planted.groups()
    assert sorted(bad, key=str) == sorted(
        [("MISSING", "nothing-there", None), ("DAMAGED", "damaged", cut), ("DAMAGED", "wrong-object", foreign)], key=str
    )
    assert not (folder / "copies" / missing).exists()
    shown = printed.partition("$ itops backup status")[2].partition("\n7. ")[0]
    assert [line.split()[0] for line in shown.splitlines() if " daily 14" in line] == ["CRITICAL"] * 3


def check_report(folder: Path, printed: str) -> None:
    """The month's report in both languages, delivered and signed for; built today it says the same, byte for byte."""
    month = REPORTED.search(printed)
    assert month, printed
    made = folder / "state/reports" / month[1]
    names = {
        f"alborz-{month[1]}-{language}.{form}" for language in ("fa", "en") for form in ("pdf", "xlsx", "docx", "html")
    }
    assert {path.name for path in made.iterdir()} >= names | {f"alborz-{month[1]}.json"}
    report = json.loads((made / f"alborz-{month[1]}.json").read_text(encoding="utf-8"))
    assert report["period"]["is_final"]
    before = {path.name: path.read_bytes() for path in made.iterdir() if path.name in names}
    done = itops("--config", str(folder / "itops.yaml"), "report", "build", "--period", month[1], "--output", "json")
    assert done.returncode == 0, done.stderr
    assert {path.name: path.read_bytes() for path in made.iterdir() if path.name in names} == before
    outbox = itops_then(folder, "built", "report", "outbox", "--output", "json")
    assert [row["state"] for row in json.loads(outbox.stdout)["data"]] == ["delivered"]
    assert "accepted" in printed.partition("$ itops report receipts")[2]


def check_watch(folder: Path, printed: str) -> None:
    """One alert, in the office's language, of what was planted and nothing else; and one line for monitoring."""
    assert "9. The next morning" in printed
    [alert] = (folder / "alerts").iterdir()
    told = alert.read_text(encoding="utf-8").splitlines()[2:]
    assert [line for line in told if "insurance-db" in line]
    assert not [line for line in told if "insured-db" in line or "letters" in line]
    listed = itops_then(folder, "watched", "alerts", "list", "--output", "json")
    rows = json.loads(listed.stdout)["data"]
    critical = {row["object"] for row in rows if row["state"] == "CRITICAL"}
    assert len(told) == len(critical)
    assert all(any((name.partition(" ")[2] or name) in line for line in told) for name in critical)
    messages = json.loads(itops_then(folder, "watched", "alerts", "messages", "--output", "json").stdout)["data"]
    assert [one["delivery"] for one in messages] == ["sent"]
    checked = itops_then(folder, "watched", "check", "backup")
    assert checked.returncode == 2
    assert checked.stdout.startswith("BACKUP CRITICAL - 1 of 4 need action: insurance-db sql01/Insurance last good ")
    assert printed.partition("$ itops check backup\n")[2].startswith(
        "BACKUP CRITICAL - 1 of 4 need action: insurance-db"
    )

"""`itops media` at the door: a month's disk from its purchase to the box and back, and everything said on the way."""

import csv
import json
import re
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from lxml import html

from itops.cli.backup import backup
from itops.cli.media import COMMANDS, media
from itops.cli.office import Office
from itops.cli.setting import read_setting
from itops.demo.tape_writer import TapeBackup, write_tape
from itops.errors import InputInvalid, UsageWrong
from tests.tasks.backup_office import TEHRAN

NOW = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)  # Sunday, 1 Azar 1405, 10:00 in Tehran
YAML = """\
office: {id: alborz, name: {fa: "اداره نمونه", en: Sample office}, calendar: jalali, timezone: Asia/Tehran}
backup:
  repositories:
    nas: {type: folder, path: copies}
  jobs:
    insurance:
      protects: sql01/Insurance
      repository: nas
      files: "Insurance_{year}{month}{day}_{hour}{minute}.bak"
      level: intact
      since: 1405-08-01
      monthly: {on: last, keep: 12, offsite: bank}
  custody:
    places:
      office: {name: "اتاق سرور", kind: office}
      bank: {name: "بانک نمونه", branch: "<شعبه> & میدان", box: "214", open: [saturday, sunday, monday]}
    deposit_grace: 5d
"""


class Desk:
    """The person at the terminal."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.now = NOW
        self.path = folder / "itops.yaml"
        self.path.write_text(YAML, encoding="utf-8")
        (folder / "state").mkdir(mode=0o700)
        self.copies = folder / "copies"
        self.copies.mkdir()
        self.disk = folder / "disk"
        self.disk.mkdir()

    def run(self, *words: str, group: Any = media) -> Result:
        office = Office(setting=read_setting(self.path), now=self.now, config_path=self.path)
        try:
            return CliRunner().invoke(group, words, obj=office, standalone_mode=False)
        finally:
            office.close()

    def good(self, *words: str, code: int = 0, group: Any = media) -> str:
        ran = self.run(*words, group=group)
        if ran.exception is not None and not isinstance(ran.exception, SystemExit):
            raise ran.exception
        assert (ran.return_value or ran.exit_code) == code, ran.output
        return ran.output

    def json(self, *words: str, code: int = 0) -> Any:
        return json.loads(self.good(*words, "--output", "json", code=code).partition("\nnote:")[0])

    def refused(self, *words: str) -> UsageWrong | InputInvalid:
        ran = self.run(*words)
        assert isinstance(ran.exception, UsageWrong | InputInvalid), ran.output
        return ran.exception

    def back_up(self) -> Path:
        begun = datetime(2026, 11, 20, 23, 30, tzinfo=TEHRAN)
        path = self.copies / "Insurance_20261120_2330.bak"
        write_tape([path], TapeBackup(database="Insurance", started_at=begun, finished_at=begun + timedelta(minutes=5)))
        return path

    def wait(self, **span: float) -> None:
        self.now += timedelta(**span)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def rows(output: str) -> str:
    """What came on stdout and stderr together, without columns' padding."""
    return re.sub(r" {2,}", " | ", output)


def to_the_box(desk: Desk) -> str:
    """Bought, written, sealed, carried and received, each an hour after the other."""
    shutil.copy(desk.back_up(), desk.disk)
    desk.good("verify", group=backup)
    desk.good(
        "add", "--place", "office", "--maker", "WD", "--serial", "=cmd|x", "--capacity", "4 TB", "--by", "R. Karimi"
    )
    desk.wait(hours=1)
    desk.good("write", "M0001-3", "--folder", str(desk.disk), "--by", "R. Karimi", "--retention-until", "1406-09-01")
    desk.wait(hours=1)
    desk.good("seal", "M0001-3", "--seal", "A-100", "--by", "R. Karimi", "--witness", "S. Rahimi")
    desk.good("move", "M0001-3", "--place", "bank", "--by", "R. Karimi", "--to", "S. Rahimi", "--container", "bag 7")
    desk.wait(hours=1)
    came = ("--seal", "A-100", "--box", "214", "--visit", "v-9")
    return desk.good("receive", "M0001-3", "--by", "S. Rahimi", "--to", "M. Sadeghi", *came)


def test_a_month_goes_from_the_shop_to_the_box_and_the_verdict_is_green(desk: Desk) -> None:
    told = rows(to_the_box(desk))
    assert "5 | M0001-3 | received | 1405-09-01 13:00 | sealed | bank | A-100" in told
    shown = desk.json("show")
    (medium,) = shown["data"]["media"]
    assert (medium["condition"], medium["place"], medium["seal"], medium["slots"]) == (
        "sealed",
        "bank",
        "A-100",
        ["1405-08"],
    )
    (deposit,) = shown["data"]["deposits"]
    assert (deposit["slot"], deposit["object"], deposit["level"], deposit["media"]) == (
        "1405-08", "sql01/Insurance", "L3", ["M0001-3"],
    )  # fmt: skip
    assert shown["data"]["findings"] == []
    assert shown["data"]["register"]["rows"] == 5
    assert "verdict: OK" in desk.good("show")


def test_a_month_without_a_deposit_turns_yellow_then_red(desk: Desk) -> None:
    desk.good("add", "--place", "office", "--by", "R. Karimi")
    assert desk.json("show")["data"]["findings"] == []
    desk.wait(days=1)
    told = desk.json("show", code=1)["data"]["findings"]
    assert [(one["code"], one["subject"]) for one in told] == [("offsite-due", "insurance sql01/Insurance 1405-08")]
    assert "due since 1405-09-01, late after 1405-09-07" in told[0]["message"]
    desk.wait(days=7)
    assert "CRITICAL" in desk.good("show", code=2)


def test_the_disk_comes_back_is_read_and_proves_its_copies_readable_elsewhere(desk: Desk) -> None:
    to_the_box(desk)
    desk.wait(days=2)
    desk.good(
        "move", "M0001-3", "--place", "office", "--by", "M. Sadeghi", "--to", "S. Rahimi", "--reason", "restore-test"
    )
    desk.good(
        "receive", "m00013", "--by", "S. Rahimi", "--to", "R. Karimi", "--seal", "A-100", "--folder", str(desk.disk)
    )
    desk.wait(hours=1)
    assert (
        "is sealed under A-100" in desk.refused("test-read", "M0001-3", "--folder", str(desk.disk), "--by", "A").problem
    )
    told = desk.good(
        "test-read", "M0001-3", "--folder", str(desk.disk), "--by", "R. Karimi", "--opened-seal", "A-100",
        "--counter", "Reallocated_Sector_Ct=0",
    )  # fmt: skip
    assert "1 of 1 files are as they were written" in told
    assert "1 copies of the ledger are proven L5" in told
    history = desk.json("show", "M0001-3")["data"]["history"]
    assert [entry["entry"] for entry in history] == [
        "added", "written", "sealed", "moved", "received", "moved", "received", "test-read",
    ]  # fmt: skip
    assert history[-1]["counters"] == {"Reallocated_Sector_Ct": 0}


def test_a_damaged_file_on_the_disk_ends_a_test_read_with_2(desk: Desk) -> None:
    to_the_box(desk)
    desk.good("move", "M0001-3", "--place", "office", "--by", "M. Sadeghi", "--to", "S. Rahimi")
    desk.good("receive", "M0001-3", "--by", "S. Rahimi", "--to", "R. Karimi", "--seal-broken")
    (path,) = desk.disk.glob("*.bak")
    path.write_bytes(path.read_bytes()[:-1])
    told = desk.good("test-read", "M0001-3", "--folder", str(desk.disk), "--by", "R. Karimi", code=2)
    assert "Insurance_20261120_2330.bak: size-differs" in told
    findings = {one["code"] for one in desk.json("show", code=2)["data"]["findings"]}
    assert {"read-failed", "seal-broken"} <= findings
    (file,) = desk.json("show", "M0001-3", code=2)["data"]["content"]
    assert (file["level"], file["last_read"]) == ("L3", "size-differs")  # then intact; not any more


def test_a_wrong_disk_in_the_right_box_is_refused_and_written_down_on_request(desk: Desk) -> None:
    to_the_box(desk)
    shutil.rmtree(desk.disk)
    desk.disk.mkdir()
    (desk.disk / "ITOPS-MEDIUM.json").write_text('{"medium": "M0002-1"}')
    words = ("receive", "M0001-3", "--by", "A", "--to", "B", "--seal", "A-100", "--folder", str(desk.disk))
    desk.good("move", "M0001-3", "--place", "office", "--by", "M. Sadeghi", "--to", "S. Rahimi")
    assert "M0002-1" in desk.refused(*words).problem
    assert "incident 7" in desk.refused(*words, "--record-incident").problem
    shown = desk.json("show", "M0001-3", code=2)["data"]
    assert shown["condition"] == "in-transit"
    assert shown["incidents"] == [7]
    desk.good(
        "incident", "M0001-3", "--what", "wrong-medium", "--closes", "7", "--by", "A", "--action", "found beside it"
    )
    assert desk.json("show", "M0001-3")["data"]["incidents"] == []


def test_a_count_tells_what_is_missing(desk: Desk) -> None:
    to_the_box(desk)
    desk.good("add", "--place", "office", "--by", "R. Karimi")
    told = desk.good("reconcile", "--place", "office", "--found", "M0001-3", "--by", "A", "--witness", "B")
    assert "M0002-1 was not found" in told
    assert "M0001-3 should not be there" in told


def test_what_alone_holds_a_month_is_not_retired_without_a_reason(desk: Desk) -> None:
    to_the_box(desk)
    desk.wait(days=2)
    words = ("retire", "M0001-3", "--method", "destroy", "--by", "A", "--witness", "B", "--certificate", "12")
    assert "insurance 1405-08" in desk.refused(*words).problem
    assert "retired" in desk.good(*words, "--although", "burnt")


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("seal", "M0001-4", "--seal", "x", "--by", "A"), "check digit"),
        (("seal", "M0002-1", "--seal", "x", "--by", "A"), "no medium M0002-1"),
        (("add", "--place", "cellar", "--by", "A"), "cellar"),
        (("add", "--place", "office", "--by", "A", "--at", "yesterday"), "not a day"),
        (("add", "--place", "office", "--by", "A", "--at", "1405-09-01 25:00"), "day and hour"),
        (("add", "--place", "office", "--by", "A", "--at", "1406-01-01 10:00"), "in the future"),
        (("reconcile", "--place", "office", "--by", "A"), "not named"),
        (("show", "M0009-9"), "check digit"),
        (("receipt", "M0001-3", "--out", "x.pdf"), "x.pdf"),
        (("incident", "--what", "other", "--by", "A", "--closes", "9"), "no open incident 9"),
    ],
)
def test_what_cannot_be_is_refused_with_a_remedy(desk: Desk, words: tuple[str, ...], problem: str) -> None:
    failure = desk.refused(*words)
    assert problem in failure.problem
    assert failure.remedy


def test_moments_are_typed_in_either_calendar_and_any_digits(desk: Desk) -> None:
    for typed in ("1405-08-29 10:30", "۱۴۰۵/۰۸/۲۹ ۱۰:۳۰", "2026-11-20T10:30"):
        row = desk.json("add", "--place", "office", "--by", "A", "--at", typed)["data"][0]
        assert row["at"] == "2026-11-20T07:00:00Z"


def test_an_empty_register_is_unknown_and_says_what_to_do(desk: Desk) -> None:
    told = desk.good("show", code=3)
    assert "itops media add" in told
    assert "verdict: UNKNOWN" in told


def test_a_register_that_was_changed_from_outside_is_shouted(desk: Desk) -> None:
    to_the_box(desk)
    with closing(sqlite3.connect(desk.folder / "state" / "itops.db")) as connection, connection:
        connection.execute("UPDATE custody SET document = replace(document, 'A-100', 'A-101') WHERE number = 3")
    told = desk.json("show", code=2)["data"]
    assert told["register"]["broken_row"] == 3
    assert {"register-broken", "entry-invalid"} <= {one["code"] for one in told["findings"]}
    assert "register-broken" in desk.good("show", "M0001-3", "--output", "json", code=2)
    assert "changed from outside at row 3" in desk.good("incident", "--what", "other", "--by", "A")


def test_csv_is_guarded_against_formulas(desk: Desk) -> None:
    to_the_box(desk)
    table = list(csv.DictReader(StringIO(desk.good("show", "--output", "csv").partition("\nnote:")[0])))
    assert table[0]["serial"] == "'=cmd|x"
    assert table[0]["slots"] == "1405-08"


def test_the_receipt_names_everything_in_both_languages(desk: Desk) -> None:
    to_the_box(desk)
    whole = desk.json("show", "M0001-3")["data"]["manifest_hash"]
    for language, words in (
        ("en", ("Receipt for backup media", "Sample office", "Seal number: A-100", "Received by", "L3 intact")),
        ("fa", ("صورت‌جلسه تحویل و تحول", "اداره نمونه", "شماره پلمپ: A-100", "تحویل‌گیرنده", "L3 سالم")),
    ):
        text = desk.good("receipt", "M0001-3", "--language", language)
        for word in (*words, whole, "M0001-3/4", "S. Rahimi", "M. Sadeghi", "1405-08", "Insurance_20261120_2330.bak"):
            assert word in text, (language, word)
        assert whole[:4] + " " + whole[4:8] in text


@pytest.mark.parametrize(("language", "direction"), [("en", "ltr"), ("fa", "rtl")])
def test_the_page_is_whole_escaped_and_fetches_nothing(desk: Desk, language: str, direction: str) -> None:
    to_the_box(desk)
    out = desk.folder / "receipt.html"
    desk.good("receipt", "M0001-3", "--language", language, "--out", str(out))
    page = out.read_text(encoding="utf-8")
    assert f'<html lang="{language}" dir="{direction}">' in page
    assert "&lt;شعبه&gt; &amp; میدان" in page
    assert "<شعبه>" not in page
    assert not re.search(r"(?:src|href)=|url\(|<script|@import", page)
    tree = html.fromstring(page)
    assert len(tree.findall(".//table")) == 2
    assert [cell.text_content() for cell in tree.findall(".//table[@class='sign']//td/bdi")] == [
        "S. Rahimi", "M. Sadeghi", "",
    ]  # fmt: skip


@pytest.mark.parametrize("language", ["fa", "en"])
def test_a_command_on_the_paper_can_be_typed_as_it_stands_there(desk: Desk, language: str) -> None:
    """In a Persian line, a command of which only the file name is set apart is shown with its words swapped."""
    to_the_box(desk)
    out = desk.folder / "receipt.html"
    desk.good("receipt", "M0001-3", "--language", language, "--out", str(out))
    marks = ("\u2068", "\u2069") if language == "fa" else ("", "")
    text = out.read_text(encoding="utf-8")
    assert "sha256sum ITOPS-MEDIUM.sha256".join(marks) in text
    assert "sha256sum -c ITOPS-MEDIUM.sha256".join(marks) in text


def test_a_persian_place_does_not_tear_an_english_line_apart(desk: Desk) -> None:
    to_the_box(desk)
    out = desk.folder / "receipt.html"
    desk.good("receipt", "M0001-3", "--language", "en", "--out", str(out))
    text = out.read_text(encoding="utf-8")
    assert "<dd>\u2068بانک نمونه\u2069, \u2068Branch " in text
    assert "\u2068Box \u2068214\u2069\u2069</dd>" in text
    assert "\u2068" not in desk.good("receipt", "M0001-3", "--language", "en")


def test_before_the_first_hand_over_the_receipt_is_a_draft(desk: Desk) -> None:
    desk.good("add", "--place", "office", "--by", "A")
    text = desk.good("receipt", "M0001-3", "--language", "en")
    assert "Draft" in text
    assert "Nothing is recorded as written on it." in text


def test_many_files_still_leave_room_for_two_signatures(desk: Desk) -> None:
    for number in range(60):
        (desk.disk / f"file-{number:02}.txt").write_text(str(number))
    desk.back_up()
    desk.good("verify", group=backup)
    desk.good("add", "--place", "office", "--by", "A")
    desk.good("write", "M0001-3", "--folder", str(desk.disk), "--by", "A", code=1)
    text = desk.good("receipt", "M0001-3", "--language", "en")
    assert "Files: 60;" in text
    assert "and 38 more; the whole list is on the medium, in ITOPS-MEDIUM.sha256" in text
    assert len(text.splitlines()) < 70


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_there_and_tells_what_it_is_for(name: str) -> None:
    ran = CliRunner().invoke(media, [name, "--help"])
    assert ran.exit_code == 0, ran.output
    assert len(ran.output.splitlines()) > 5

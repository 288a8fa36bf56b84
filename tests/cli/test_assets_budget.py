"""`itops assets budget`, `check` and `labels` as a person runs them."""

import csv
import json
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import click
import pypdfium2
import pytest
from click.testing import CliRunner, Result

from itops.assets.sightings import Sighting, Via, entity_of
from itops.cli.assets_budget import budget
from itops.cli.assets_check import check
from itops.cli.assets_labels import labels
from itops.cli.office import Office
from itops.cli.setting import read_setting
from itops.errors import ConfigInvalid, UsageWrong
from itops.inventory.entities import Entity, EntityKey, Kind
from itops.inventory.history import Revision

NOW = datetime(2026, 11, 22, 6, 30, tzinfo=UTC)  # 1 Azar 1405
SETTINGS = """\
office: {id: demo, calendar: jalali, name: {fa: اداره کل نمونه, en: Sample office}}
assets:
  stale_after: 45d
  support_ends: ends.json
  ignore: [asset.never-verified, nonsense.code]
  budget: {prices: {computer: 100}, depreciation_years: {computer: 5}, price_growth_ratio: 0.5}
"""
REGISTER = """
sites: {head: {fa: اداره کل, en: Head office}, fardis: {fa: فردیس, en: Fardis}}
assets:
  - {id: PC-1, kind: computer, name: رایانه یک, site: head, asset_tag: 0012, in_service: 1398-01-10}
  - {id: PC-2, kind: computer, name: رایانه دو, site: fardis, purchase: {date: 1402-01-01, price: 6000}}
  - {id: PC-3, kind: computer, name: رایانه سه, site: fardis, status: disposed}
  - {id: VM-1, kind: virtual_server, name: سرور, site: head}
  - {id: FIRE-1, kind: fire_system, name: حریق, site: head, fire: {cylinders: 2, test_due: 1405-01-01}}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "itops.yaml").write_text(SETTINGS, encoding="utf-8")
    (tmp_path / "inventory.yaml").write_text(REGISTER, encoding="utf-8")
    (tmp_path / "ends.json").write_text('[{"product": "debian", "cycle": "12", "eol": "2027-01-01"}, 7]')
    return tmp_path


class SeenOnce:
    """A history in which one device was seen, first in 2020 and last the day before."""

    def __init__(self, *sightings: Sighting) -> None:
        self._entities = [entity_of(one, one.key) for one in sightings]

    def entities(self, kind: Kind) -> list[Entity]:
        return self._entities if kind is Kind.DEVICE else []

    def history(self, kind: Kind, key: EntityKey) -> list[Revision]:
        begun = datetime(2020, 3, 21, tzinfo=UTC)
        return [
            Revision(entity=one, valid_from=begun, valid_to=None, ended_by=None)
            for one in self.entities(kind)
            if one.key == key
        ]


def ran(folder: Path, command: click.Command, *words: str, seen: SeenOnce | None = None) -> Result:
    path = folder / "itops.yaml"
    opened: Any = None if seen is None else lambda: seen
    office = Office(setting=read_setting(path), now=NOW, config_path=path, open_reader=opened)
    try:
        ended = CliRunner().invoke(command, words, obj=office, standalone_mode=False)
    finally:
        office.close()
    if ended.exception is not None:
        raise ended.exception
    return ended


def data(folder: Path, command: click.Command, *words: str, seen: SeenOnce | None = None):
    return json.loads(ran(folder, command, *words, "--output", "json", seen=seen).stdout)["data"]


def rows(folder: Path, command: click.Command, *words: str) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(ran(folder, command, *words, "--output", "csv").stdout)))


# budget


def test_the_plan_tells_years_sums_and_lines_that_add_up(folder):
    plan = data(folder, budget)
    assert [year["year"] for year in plan["years"]] == [1405, 1406, 1407, 1408, 1409]
    assert (plan["years"][0]["begins_on"], plan["years"][0]["ends_on"]) == ("2026-03-21", "2027-03-20")
    assert [(line["asset_id"], line["row"], line["reason"]) for line in plan["lines"]] == [
        ("PC-1", "overdue", "replace.life"),
        ("PC-2", "1407", "replace.life"),
        ("FIRE-1", "no-date", "replace.no-date"),
        ("FIRE-1", "no-date", "replace.no-date"),
    ]
    assert sum(total["lines"] for total in plan["totals"]) == plan["all"]["lines"] == 4
    assert sum(total["cost"] or 0 for total in plan["totals"]) == plan["all"]["cost"] == 200


def test_what_has_no_price_costs_null_and_not_nought(folder):
    undated = next(row for row in data(folder, budget)["totals"] if row["row"] == "no-date")
    assert (undated["cost"], undated["unpriced"], undated["quantity"]) == (None, 2, 4)


def test_the_plan_may_begin_later_and_last_longer(folder):
    plan = data(folder, budget, "--from", "۱۴۰۷", "--years", "2")
    assert [total["row"] for total in plan["totals"]] == ["overdue", "1407", "1408", "later", "no-date"]


@pytest.mark.parametrize("year", ["7", "1700", "x", "۱۴۰", "2026", "-5", "١٤٠٥٥"])
def test_what_is_no_year_of_the_office_s_calendar_is_refused(folder, year):
    with pytest.raises(UsageWrong, match="budget year"):
        ran(folder, budget, f"--from={year}")


def test_csv_has_a_row_for_each_line(folder):
    assert [row["asset_id"] for row in rows(folder, budget)] == ["PC-1", "PC-2", "FIRE-1", "FIRE-1"]


def test_a_table_names_what_is_overdue_and_what_has_no_date(folder):
    ended = ran(folder, budget)
    assert "overdue" in ended.stdout
    assert "5 years since 1398-01-10" in ended.stdout
    assert "2 of 4 lines have no date" in ended.stderr
    assert "2 of 4 lines have no price" in ended.stderr
    assert "ends.json: 1 entries say nothing" in ended.stderr


def test_values_are_told_for_any_day(folder):
    told = data(folder, budget, "--values-on", "1403-01-01")
    assert (told["on"], told["total"], told["valued"]) == ("2024-03-20", 4800, 1)
    assert [row["asset_id"] for row in told["assets"]] == ["PC-2"]
    assert data(folder, budget, "--values-on", "1450-01-01")["total"] == 0
    assert data(folder, budget, "--values-on", "1401-12-29")["assets"] == []


def test_a_day_and_years_are_not_asked_for_together(folder):
    with pytest.raises(UsageWrong, match="both"):
        ran(folder, budget, "--values-on", "1405-01-01", "--from", "1405")


def test_a_file_of_support_ends_that_is_none_is_a_mistake_of_the_settings(folder):
    (folder / "ends.json").write_text("{}")
    with pytest.raises(ConfigInvalid, match=r"ends\.json"):
        ran(folder, budget)


# what machines say

SCANNED = """
sites: {head: x}
assets:
  - {id: PC-1, kind: computer, name: x, site: head, serial: ABC12345}
  - {id: PC-2, kind: computer, name: x, site: head, serial: XYZ98765}
"""


def seen_once(**fields: Any) -> SeenOnce:
    return SeenOnce(
        Sighting(
            source="sweep",
            key=EntityKey("sweep/10.0.0.5"),
            seen_at=datetime(2026, 11, 21, tzinfo=UTC),
            via=Via.AGENT,
            kind="computer",
            serial="ABC12345",
            **fields,
        )
    )


def test_an_age_that_nobody_wrote_down_comes_from_the_machine_or_from_its_first_sighting(folder):
    (folder / "inventory.yaml").write_text(SCANNED)
    for fields, source, begun_on in (
        ({"bios_on": date(2019, 1, 1)}, "bios", "2019-01-01"),
        ({"bios_on": date(2024, 1, 1)}, "first_seen", "2020-03-21"),  # the BIOS was renewed since
    ):
        first, second = data(folder, budget, seen=seen_once(**fields))["lines"]
        assert (first["age_source"], first["begun_on"], first["is_estimated"]) == (source, begun_on, True)
        assert first["message"].endswith("(estimated)")
        assert (second["asset_id"], second["age_source"], second["row"]) == ("PC-2", None, "no-date")


def test_what_a_scan_saw_is_held_against_the_register(folder):
    (folder / "inventory.yaml").write_text(SCANNED)
    found = data(folder, check, seen=seen_once(os="Microsoft Windows 7 Professional"))["findings"]
    codes = {(one["code"], one["asset_id"]) for one in found}
    assert {("support.ended", "PC-1"), ("scan.never-seen", "PC-2")} <= codes
    assert "scan.none" not in {code for code, _ in codes}


# check


def test_check_exits_with_the_worst_and_says_what_it_left_out(folder):
    ended = ran(folder, check)
    assert ended.return_value == 2
    assert "verdict: CRITICAL" in ended.stderr
    assert "asset.never-verified" in ended.stderr
    assert "there is no code nonsense.code" in ended.stderr
    assert "asset.never-verified" not in ended.stdout


def test_check_tells_each_finding_with_its_numbers_and_evidence(folder):
    told = data(folder, check)
    first = told["findings"][0]
    assert (told["state"], first["code"], first["asset_id"]) == ("CRITICAL", "fire.test-overdue", "FIRE-1")
    assert first["facts"] == {"due_on": "2026-03-21", "late_days": 246}
    assert first["evidence"] == ["fire.test_due"]
    assert first["message"] == "Its test was due on 1405-01-01, 246 days ago"
    assert sum(count["count"] for count in told["counts"]) == len(told["findings"])


def test_in_a_table_advice_is_one_line_a_code_and_with_all_one_a_finding(folder):
    short, whole = ran(folder, check).stdout, ran(folder, check, "--all").stdout
    assert short.count("asset.no-place") == 1
    assert "PC-1, PC-2" in short
    assert whole.count("asset.no-place") == 3
    assert "asset.no-place" not in ran(folder, check, "--without-advice").stdout


def test_without_a_scan_the_verdict_of_a_perfect_register_is_unknown(folder):
    entry = "{id: PC-1, kind: computer, name: x, site: head}"
    (folder / "inventory.yaml").write_text(f"sites: {{head: x}}\nassets: [{entry}]\n")
    ended = ran(folder, check)
    assert ended.return_value == 3
    assert "verdict: UNKNOWN" in ended.stderr


def test_a_register_without_assets_is_ok_and_says_so(folder):
    (folder / "inventory.yaml").write_text("sites: {head: x}\n")
    ended = ran(folder, check)
    assert ended.return_value == 0
    assert "has no asset yet" in ended.stderr


# labels


def test_labels_are_written_for_what_is_asked_for(folder):
    out = folder / "labels.pdf"
    ended = ran(folder, labels, "--out", str(out), "--site", "head", "--skip", "23")
    document = pypdfium2.PdfDocument(out)
    assert len(document) == 2
    assert "2 labels on 2 sheets" in ended.stderr
    assert "1 are virtual servers or lines" in ended.stderr
    document.close()


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["--out", "labels.png"], "cannot be written as"),
        (["--out", "no/such/folder/labels.pdf"], "cannot write"),
        (["--out", "labels.pdf", "--kind", "virtual_server"], "no asset fits"),
        (["--out", "labels.pdf", "--skip", "24"], "24 labels"),
        (["--out", "labels.pdf", "--site", "nowhere"], "no site"),
    ],
)
def test_labels_that_cannot_be_made_are_refused_with_a_remedy(folder, monkeypatch, words, problem):
    monkeypatch.chdir(folder)
    with pytest.raises(UsageWrong, match=problem) as refused:
        ran(folder, labels, *words)
    assert refused.value.remedy
    assert not (folder / "labels.pdf").exists()

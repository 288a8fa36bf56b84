"""`itops assets list`: filters find, totals add up."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from itops.cli.main import cli

REGISTER = """
sites: {head: {fa: اداره کل, en: Head office}, fardis: {fa: فردیس, en: Fardis}}
assets:
  - {id: PC-1, kind: computer, name: رایانه یک, site: head, asset_tag: 0012, in_service: 1398-01-10,
     assigned_to: كارشناس}
  - {id: PC-2, kind: computer, name: رایانه دو, site: fardis, in_service: 2026-01-10}
  - {id: PC-3, kind: computer, name: رایانه سه, site: fardis, status: disposed}
  - {id: UPS-1, kind: ups, name: {fa: یو پی اس, en: UPS}, site: head, status: store}
"""


@pytest.fixture
def office(tmp_path: Path) -> Path:
    (tmp_path / "itops.yaml").write_text("office: {id: demo, calendar: jalali}\n", encoding="utf-8")
    (tmp_path / "inventory.yaml").write_text(REGISTER, encoding="utf-8")
    return tmp_path


def asked(office: Path, *words: str) -> object:
    command = ["--config", str(office / "itops.yaml"), "assets", "list", *words, "--output", "json"]
    ended = CliRunner().invoke(cli, command, catch_exceptions=False)
    assert ended.exit_code == 0, ended.stderr
    return json.loads(ended.stdout)["data"]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ([], ["PC-1", "PC-2", "UPS-1"]),
        (["--kind", "computer"], ["PC-1", "PC-2"]),
        (["--site", "fardis"], ["PC-2"]),
        (["--status", "disposed"], ["PC-3"]),
        (["--status", "store", "--status", "disposed"], ["PC-3", "UPS-1"]),
        (["--older-than", "3"], ["PC-1"]),
        (["--labelled"], ["PC-1"]),
        (["--unlabelled"], ["PC-2", "UPS-1"]),
        (["کارشناس"], ["PC-1"]),  # typed there with an Arabic kaf
        (["۰۰۱۲"], ["PC-1"]),
        (["nobody"], []),
    ],
)
def test_a_filter_finds_what_was_asked_for(office, words, found):
    assert [row["id"] for row in asked(office, *words)] == found


def test_an_asset_is_told_as_it_was_typed_with_its_age(office):
    first = asked(office)[0]
    assert (first["asset_tag"], first["in_service"], first["name"]) == (
        "0012", "2019-03-30", {"fa": "رایانه یک", "en": "رایانه یک"},
    )  # fmt: skip
    assert first["age_years"] > 7


def test_totals_add_up(office):
    rows = asked(office, "--totals")
    assert {row["kind"]: row["all"] for row in rows} == {"computer": 2, "ups": 1, "all": 3}
    assert rows[-1]["sites"] == {"head": 2, "fardis": 1}


def test_of_those_asked_for_whose_age_nobody_knows_is_told(office):
    command = ["--config", str(office / "itops.yaml"), "assets", "list", "--older-than", "3"]
    assert "of 1 other asset nobody wrote down" in CliRunner().invoke(cli, command).stderr
    assert "nobody wrote" not in CliRunner().invoke(cli, [*command, "--kind", "computer"]).stderr


def test_totals_of_what_was_disposed_of_are_counted_when_asked_for(office):
    rows = asked(office, "--totals", "--status", "disposed")
    assert {row["kind"]: row["all"] for row in rows} == {"computer": 1, "all": 1}


def test_an_unknown_site_is_refused_and_those_there_are_are_named(office):
    command = ["--config", str(office / "itops.yaml"), "assets", "list", "--site", "nowhere"]
    ended = CliRunner().invoke(cli, command)
    assert type(ended.exception).__name__ == "UsageWrong"
    assert "head, fardis" in ended.exception.remedy

"""Every code that can occur in a report has a word in both languages."""

from collections.abc import Iterable

import pytest

from itops.assets.past import Became
from itops.assets.records import AssetKind, AssetStatus
from itops.backup.coverage import Cover
from itops.backup.levels import Level
from itops.backup.policy import Tier
from itops.backup.slots import SlotState
from itops.dates import Period
from itops.inventory.entities import Kind
from itops.inventory.facts import _FIELDS, _GUEST, Action
from itops.inventory.freshness import Freshness
from itops.reports.monthly.backups import no_backups
from itops.reports.monthly.composing import pen_of
from itops.reports.monthly.composing.backups import level_line
from itops.reports.monthly.composing.cells import Pen
from itops.reports.monthly.composing.figures import figure_definition, figure_title
from itops.reports.monthly.composing.slots import sign_cell
from itops.reports.monthly.exceptions import exception_figures
from itops.reports.monthly.figures import Figure
from itops.reports.monthly.hardware import no_hardware
from itops.reports.monthly.indicators import RULES
from itops.reports.monthly.papers import PaperFacts, paper_part
from itops.reports.monthly.quality import quality_of
from itops.reports.monthly.servers_changes import Work
from itops.reports.monthly.servers_figures import Counted, server_figures
from itops.reports.paper.model import said
from itops.verdict import State
from itops.worklog.documents import UploadState
from itops.worklog.entries import WorkKind
from tests.reports.monthly.composing.reading import words_in
from tests.reports.monthly.reports import PERIOD, sample_report

ROOMS = ("servers", "changes", "backup", "custody", "hardware", "documents", "services", "sources")
CODES: dict[str, Iterable[str]] = {
    "action": Action,
    "thing": Kind,
    "field": {field for fields in _FIELDS.values() for field in fields} | set(_GUEST) | {"name", "host"},
    "work_kind": WorkKind,
    "asset_kind": AssetKind,
    "asset_status": AssetStatus,
    "asset_change": Became,
    "slot_state": SlotState,
    "tier": Tier,
    "cover": Cover,
    "upload_state": UploadState,
    "source_state": [*Freshness, "complete", "failed", "absent"],
    "source_kind": ("source", "repository", "register", "plan", "log"),
    "room": ROOMS,
    "verdict": [state.name for state in State],
    "indicator_state": [*(state.name for state in State), "NONE"],
    "job_state": [state.name for state in State],
    "service_state": [state.name for state in State],
    "deposit": ("deposited", "late", "overdue", "due"),
    "server_kind": ("physical", "virtual"),
    "protected": ("database", "vm", "files"),
    "redaction": ("internal", "hq", "public"),
    "calendar": ("jalali", "gregorian"),
    "role": ("prepared", "approved", "ratified"),
}
PENS = {language: pen_of(sample_report(), words_in(language)) for language in ("en", "fa")}


@pytest.fixture(params=["en", "fa"])
def pen(request: pytest.FixtureRequest) -> Pen:
    return PENS[request.param]


@pytest.mark.parametrize("table", CODES)
def test_every_code_has_a_word(table: str, pen: Pen) -> None:
    lines = {code: pen.label(table, str(code)) for code in CODES[table]}
    assert [code for code, line in lines.items() if not line or line[0].is_code] == []


def test_every_state_of_a_slot_has_a_sign_of_its_own(pen: Pen) -> None:
    signs = [sign_cell(state.value, pen).sign for state in SlotState]
    assert len(set(signs)) == len(signs)
    assert all(len(sign) == 1 for sign in signs)


def test_the_state_of_a_newer_itops_is_shown_as_unknown(pen: Pen) -> None:
    assert sign_cell("SHRUNK", pen).sign == sign_cell("UNKNOWN", pen).sign


def test_every_month_of_both_calendars_has_a_name(pen: Pen) -> None:
    names = [said(pen.period(f"{year}-{month:02}")) for year in ("1405", "2026") for month in range(1, 13)]
    assert len(set(names)) == 24
    assert not any("-" in name for name in names)


def test_every_proof_level_has_a_name(pen: Pen) -> None:
    names = [said(level_line(int(level), pen)) for level in Level]
    assert [name.split(" ")[0] for name in names] == [f"L{level}" for level in range(len(Level))]
    assert all(len(name.split(" ", 1)) == 2 for name in names)


def figures_that_rooms_make() -> dict[str, Figure]:
    """Those of an office that collected nothing: each room still names its figures, and why they are not known."""
    period = Period(PERIOD.name, PERIOD.first, PERIOD.last)
    papers = PaperFacts(period=period, today=PERIOD.last, judged_on=PERIOD.last, zone=PENS["en"].zone)
    figures = (
        *server_figures(Counted(rows=(), work=Work()), is_scanned=False),
        *no_hardware().figures,
        *no_backups(period).figures,
        *paper_part(papers).figures,
        *quality_of((), ()).figures,
        *exception_figures((), None),
    )
    return {figure.id: figure for figure in figures}


def test_every_figure_that_a_room_makes_has_a_title_and_a_definition(pen: Pen) -> None:
    ids = {*figures_that_rooms_make(), *sample_report().figures, *(rule.figure for rule in RULES), "quality.no_holder"}
    assert [one for one in ids if not figure_definition(one, pen) or figure_title(one, pen)[0].is_code] == []


def test_the_words_of_figures_are_all_of_figures_that_there_are(pen: Pen) -> None:
    known = {*figures_that_rooms_make(), *sample_report().figures}
    starred = {"hardware.kind.*", "hardware.site.*", "documents.system.*"}
    assert set(pen.words.tables["figure"]) - starred - known == set()


def test_every_reason_that_a_room_gives_for_not_knowing_has_words(pen: Pen) -> None:
    reasons = {figure.reason for figure in figures_that_rooms_make().values() if figure.value is None}
    assert len(reasons) > 4
    assert [reason for reason in reasons if pen.label("reason", reason)[0].is_code] == []


def test_a_figure_of_one_kind_names_the_kind(pen: Pen) -> None:
    kind = said(pen.label("asset_kind", "printer"))
    assert kind in said(figure_title("hardware.kind.printer", pen))
    assert said(pen.label("system", "goals")) in said(figure_title("documents.system.goals", pen))


def test_a_figure_without_words_keeps_its_id(pen: Pen) -> None:
    line = figure_title("plugin.figure", pen)
    assert [tuple(span) for span in line] == [("plugin.figure", True)]


def test_a_code_without_a_word_is_shown_as_it_is(pen: Pen) -> None:
    assert [tuple(span) for span in pen.label("asset_kind", "robot")] == [("robot", True)]


def test_the_office_speaks_of_its_own_systems(pen: Pen) -> None:
    assert said(pen.label("system", "quality")) == ("کنترل کیفیت" if pen.is_persian else "Quality control")

"""The words: both languages agree, values are written safely, and every finding can be said."""

import re
import string
import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import itops.reports
from itops.errors import UsageWrong
from itops.inventory.entities import Kind
from itops.inventory.health import RULE_OF_CODE, RULES, Estate, Policies, judge
from itops.reports.findings import health_rows, message_of, reason_of, remedy_of, title_of
from itops.reports.health_reference import health_reference
from itops.reports.words import LANGUAGES, Words, load_words, placeholders
from tests.inventory.health.estates import NOW
from tests.inventory.health.sick import sick_estate

EN, FA = load_words("en"), load_words("fa")
FSI, PDI = "\u2068", "\u2069"
SICK = judge(sick_estate(), Policies(), NOW)


def sentences(table: object, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], str]:
    if isinstance(table, str):
        return {path: table}
    assert isinstance(table, dict), path
    return {key: text for name, inner in table.items() for key, text in sentences(inner, (*path, name)).items()}


def read(language: str) -> dict[tuple[str, ...], str]:
    folder = Path(itops.reports.__file__).parent / "text"
    files = [folder / f"{language}.toml", *folder.glob(f"*.{language}.toml")]
    tables = [sentences(tomllib.loads(file.read_text(encoding="utf-8"))) for file in files]
    return {key: text for table in tables for key, text in table.items()}


def test_both_languages_have_the_same_keys_with_the_same_placeholders() -> None:
    english, persian = read("en"), read("fa")
    assert english.keys() == persian.keys()
    differing = {key for key in english if placeholders(english[key]) != placeholders(persian[key])}
    assert differing == set()


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_are_clean(language: str) -> None:
    for key, text in read(language).items():
        assert text == text.strip(), key
        assert not set(text) & set("\u2066\u2067\u2068\u2069\u200e\u200f\u202a\u202b\u202c"), key
        assert text.count("{") == len(placeholders_in_order(text)) == text.count("}"), key
        assert not set(text) & set("يك٠١٢٣٤٥٦٧٨٩"), (key, "Arabic letters or digits")


def placeholders_in_order(text: str) -> list[str]:
    return [name for _, name, _, _ in string.Formatter().parse(text) if name is not None]


def test_persian_sentences_are_persian() -> None:
    for key, text in read("fa").items():
        if key[0] == "health" and key[-1] != "title":
            assert any("\u0600" <= letter <= "\u06ff" for letter in text), key


def test_every_code_and_rule_has_words_and_no_words_are_left_over() -> None:
    for words in (EN, FA):
        assert set(RULE_OF_CODE) <= set(words.tables["health"])
        left_over = set(words.tables["health"]) - set(RULE_OF_CODE)
        assert not {code for code in left_over if not code.startswith("role.")}  # those are another room's
        assert set(words.tables["health_rule"]) == {rule.key for rule in RULES}
        for code in RULE_OF_CODE:
            assert all(words.template("health", code, part) for part in ("title", "message", "remedy"))


@pytest.mark.parametrize("words", [EN, FA], ids=["en", "fa"])
def test_every_finding_can_be_said_with_the_data_its_rule_gives(words: Words) -> None:
    for finding in SICK.findings:
        assert placeholders(words.template("health", finding.code, "message")) <= set(finding.data), finding.code
        assert "{" not in message_of(finding, words)
        assert title_of(finding, words)
        assert remedy_of(finding, words)


def test_remedies_want_no_data() -> None:
    unasked = [EN.template("health", code, part) for code in RULE_OF_CODE for part in ("title", "remedy")]
    assert all(placeholders(text) == frozenset() for text in unasked)


@pytest.mark.parametrize("words", [EN, FA], ids=["en", "fa"])
def test_every_reason_for_not_judging_can_be_said(words: Words) -> None:
    spots = judge(Estate.of([*sick_estate().entities][:1]), Policies(), NOW).not_judged
    assert {spot.reason for spot in spots} == {"no-data", "no-subjects", "no-history"}
    assert all(reason_of(spot, words) for spot in spots)


@pytest.mark.parametrize(
    ("name", "value", "english", "persian"),
    [
        ("free_bytes", 0, "0 bytes", "۰ بایت"),
        ("free_bytes", 1536, "1.5 KiB", "۱٫۵ کیلوبایت"),
        ("free_bytes", 123 * 1024**3, "123 GiB", "۱۲۳ گیگابایت"),
        ("free_bytes", 5000 * 1024**4, "5,000 TiB", "۵٬۰۰۰ ترابایت"),
        ("free_ratio", 0.15, "15%", "۱۵٪"),
        ("free_ratio", 0.1499, "14.9%", "۱۴٫۹٪"),
        ("free_ratio", 9.01, "901%", "۹۰۱٪"),
        ("age_days", 1, "1 day", "۱ روز"),
        ("age_days", 4000, "4,000 days", "۴٬۰۰۰ روز"),
        ("idle_hours", 49, "49 hours", "۴۹ ساعت"),
        ("limit_mhz", 2000, "2,000 MHz", "۲٬۰۰۰ مگاهرتز"),
        ("disk_count", 4, "4", "۴"),
        ("vcpus_per_core", 4.25, "4.2", "۴٫۲"),
        ("expires_on", "2026-10-23", "2026-10-23", "2026-10-23"),
        ("expires_on", "soon", "soon", "soon"),
        ("version", "vmx-04", "vmx-04", "vmx-04"),
        ("medium", None, "unknown", "نامعلوم"),
    ],
)
def test_values_are_written_by_their_names(name: str, value: object, english: str, persian: str) -> None:
    assert EN.value(name, value) == english
    assert FA.value(name, value) == persian


def test_a_day_follows_the_calendar_of_the_office() -> None:
    assert load_words("fa", calendar="jalali").value("expires_on", "2026-10-23") == "1405-08-01"


def test_persian_values_stand_apart_and_english_ones_do_not() -> None:
    data = {"snapshot": "C:\\a b\\", "age_days": 20}
    assert f"{FSI}C:\\a b\\{PDI}" in FA.say("health", "snapshot.old", "message", data=data)
    assert f"{FSI}۲۰ روز{PDI}" in FA.say("health", "snapshot.old", "message", data=data)
    assert FSI not in EN.say("health", "snapshot.old", "message", data=data)


def test_spreadsheets_can_have_persian_without_marks() -> None:
    said = load_words("fa", marks=False).say("health", "vm.off-long", "message", data={"off_days": 9})
    assert "۹ روز" in said
    assert FSI not in said


@given(st.text(max_size=30))
def test_no_outside_text_reaches_into_the_sentence(name: str) -> None:
    said = FA.say("health", "snapshot.old", "message", data={"snapshot": name, "age_days": 3})
    assert said.count(FSI) == said.count(PDI) == 2
    assert not set(said) & set("\u202e\u2067\x1b\n\r")


@pytest.mark.parametrize("name", ["{age_days}", "{0.__class__}", "{data[snapshot]}", "%s", "{"])
def test_a_name_that_looks_like_a_placeholder_stays_a_name(name: str) -> None:
    assert name in EN.say("health", "snapshot.old", "message", data={"snapshot": name, "age_days": 3})


def test_missing_data_is_a_bug_and_not_a_blank() -> None:
    with pytest.raises(KeyError):
        EN.say("health", "snapshot.old", "message", data={"snapshot": "x"})


@pytest.mark.parametrize("path", [(), ("health",), ("health", "no.such"), ("unit", "day", "deeper")])
def test_words_that_are_not_there_are_a_bug(path: tuple[str, ...]) -> None:
    with pytest.raises(KeyError):
        EN.template(*path)


def test_a_language_that_we_do_not_speak_is_refused() -> None:
    with pytest.raises(UsageWrong, match="'de'"):
        load_words("de")


def test_rows_of_vhealth_have_the_classes_that_rvtools_uses() -> None:
    rows = list(health_rows(SICK.findings, EN))
    assert len(rows) == len(SICK.findings)
    known = {"NTP", "NTPD", "Foldername", "CDROM", "Snapshot", "Zombie", "Performance tip", "VM Tools"}
    assert known <= {row.message_type for row in rows}
    names = [row.name for row in rows]
    assert "[ds01] gone/gone.vmdk" in names
    assert names.index("app01") > max(index for index, name in enumerate(names) if name == "esx01")


def test_hosts_come_first_in_vhealth() -> None:
    of_hosts = [finding.subject for finding in SICK.findings if finding.subject_kind is Kind.HOST]
    rows = list(health_rows(SICK.findings, EN))
    assert [row.name for row in rows[: len(of_hosts)]] == of_hosts


def test_the_reference_page_is_not_stale() -> None:
    page = Path(__file__).parents[2] / "docs" / "reference" / "health-rules.md"
    hint = "run: python -m itops.reports.health_reference > docs/reference/health-rules.md"
    assert page.read_text(encoding="utf-8") == health_reference(EN), hint


@pytest.mark.parametrize("spoken", ["هاست", "میزبان", "الگو", "الگوی", "ماشین", "بکاپ", "وصله"])
def test_the_persian_words_are_those_of_the_glossary_for_reports(spoken: str) -> None:
    text = (Path(itops.reports.__file__).parent / "text" / "fa.toml").read_text(encoding="utf-8")
    assert spoken not in re.split(r"\W+", text)

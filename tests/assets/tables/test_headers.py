"""Headers in the spellings that offices use."""

import tomllib
from importlib.resources import files

import pytest

from itops.assets.records import AssetKind, AssetStatus, NetworkSide, PartKind
from itops.assets.tables.fields import catalogue
from itops.assets.tables.headers import Reading, meaning_of
from itops.assets.tables.vocabulary import fold, vocabulary

TOLD = tomllib.loads(files("itops.assets.tables").joinpath("headers.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("header", "target"),
    [
        ("شماره اموال", "asset_tag"),
        ("شماره\u200cاموال", "asset_tag"),
        ("شماره\nاموال *", "asset_tag"),
        ("كد اموال", "asset_tag"),  # Arabic kaf
        ("پلاك", "asset_tag"),
        ("پـــلاک", "asset_tag"),
        ("سريال", "serial"),
        ("S/N", "serial"),
        ("Serial Number", "serial"),
        ("دسته\u200cبندی", "kind"),
        ("دستهبندی", "kind"),
        ("نوع تجهيز", "kind"),
        ("تحویل\u200cگیرنده", "assigned_to"),
        ("تحويل گيرنده", "assigned_to"),
        ("کد پرسنلی", "personnel_code"),
        ("مرکز هزینه", "department"),
        ("طبقه", "location"),
        ("شهرستان", "site"),
        ("تاریخ خرید", "purchase.date"),
        ("گارانتی", "warranty_end"),
        ("توضیحات", "note"),
        ("شماره پلمپ کیس", "seal"),
        ("اموال کیس", "parts.case.1.asset_tag"),
        ("اموال مانیتور", "parts.monitor.1.asset_tag"),
        ("اموال مانیتور 2", "parts.monitor.2.asset_tag"),
        ("اموال هارد ۲", "parts.disk.2.asset_tag"),
        ("parts.2.serial", "parts.2.serial"),
        ("تاریخ نصب باتری", "ups.batteries.1.installed"),
        ("سهم پهنای باند: head-office", "link.shares.head-office"),
        ("name", "name"),
        ("Asset Tag", "asset_tag"),
    ],
)
def test_a_header_is_known_in_any_spelling(header, target):
    assert meaning_of(header, vocabulary()).target == target


@pytest.mark.parametrize(
    ("header", "reading"),
    [
        ("ردیف", Reading.IGNORED),
        ("کد ملی", Reading.PRIVATE),
        ("تلفن همراه", Reading.PRIVATE),
        ("CPU", Reading.UNKNOWN),
        ("", Reading.UNKNOWN),
        ("parts.0.serial", Reading.UNKNOWN),
        ("سهم پهنای باند", Reading.UNKNOWN),
    ],
)
def test_what_is_no_field_is_left_out_for_a_reason(header, reading):
    assert meaning_of(header, vocabulary()).reading is reading


@pytest.mark.parametrize(
    ("header", "factor"),
    [
        ("قیمت", 1),
        ("قیمت (ریال)", 1),
        ("قیمت (تومان)", 10),
        ("بهای واحد [ميليون تومان]", 10_000_000),
        ("مدل (کامل)", 1),
    ],
)
def test_a_unit_in_brackets_counts(header, factor):
    assert meaning_of(header, vocabulary()).factor == factor


def test_no_spelling_means_two_fields():
    meant: dict[str, str] = {}
    spelled = [(s, p) for p, e in TOLD["fields"].items() for s in (e["fa"], *e.get("also", ()))]
    spelled += [(s, pattern) for pattern, spellings in TOLD["parts"].items() for s in spellings]
    for spelling, pattern in spelled:
        assert meant.setdefault(fold(spelling), pattern) == pattern, spelling
    assert not meant.keys() & {fold(word) for words in TOLD["ignored"].values() for word in words}


def test_no_word_means_two_values():
    for field, entries in TOLD["values"].items():
        meant: dict[str, str] = {}
        for value, entry in entries.items():
            for spelled in (value, entry["fa"], entry["en"], *entry["also"]):
                assert meant.setdefault(fold(spelled), value) == value, (field, spelled)


def test_every_field_has_a_label_of_its_own_that_is_read_back():
    labels = vocabulary().labels
    assert set(catalogue()) <= set(labels)
    for pattern, label in labels.items():
        key = "fardis" if pattern.endswith("*") else "3"
        written = label.replace("#", key).replace("*", key)
        assert meaning_of(written, vocabulary()).target == pattern.replace("#", key).replace("*", key)


def test_every_kind_and_status_has_words():
    words = vocabulary().words
    for field, values in (
        ("kind", AssetKind),
        ("status", AssetStatus),
        ("network", NetworkSide),
        ("parts.#.kind", PartKind),
    ):
        assert set(words[field]) == {choice.value for choice in values}

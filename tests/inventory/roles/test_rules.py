"""Names, typed words and the office's own patterns."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.inventory.roles.rules import RoleRules, RoleSettings, implied_by, known_roles, traits
from itops.inventory.roles.words import squeezed, words_in
from tests.inventory.roles.builders import RULES

OFFICE = {
    "kaspersky": "antivirus",
    "RDC": "rdc",
    "Citrix": "citrix",
    "DFSR": "dfsr",
    "SCCM": "sccm",
    "WSUS": "wsus",
    "SQL": "sql",
    "PDC": "pdc",
    "VCSA": "vcsa",
    "DC": "dc",
    "KMS": "kms",
    "Padvish": "antivirus",
    "Backup Server": "backup",
    "FileServer": "file",
    "SolarWinds": "monitoring",
}


def roles_in(name: str, rules: RoleRules = RULES) -> list[str]:
    return sorted(hit.role for hit in rules.in_name(name))


@pytest.mark.parametrize(("name", "role"), OFFICE.items())
def test_every_server_name_of_the_office_is_recognised_as_exactly_one_role(name, role):
    assert roles_in(name) == [role]


@pytest.mark.parametrize(
    ("name", "roles"),
    [
        ("SQL01", ["sql"]),
        ("srv-sql-2", ["sql"]),
        ("SQLServer2019", ["sql"]),
        ("albSQL", ["sql"]),
        ("ALB-DC1", ["dc"]),
        ("dc_02.example.ir", ["dc"]),
        ("vCenter", ["vcsa"]),
        ("FILE_SERVER_02", ["file"]),
        ("FS۰۱", ["file"]),
        ("SQL-WSUS", ["sql", "wsus"]),
        ("سرور فایل", ["file"]),
        ("آنتي‌ويروس", ["antivirus"]),
        ("سولار", ["monitoring"]),
        ("پشتیبان‌گیر", ["backup"]),
    ],
)
def test_a_word_is_seen_between_boundaries(name, roles):
    assert roles_in(name) == roles


@pytest.mark.parametrize(
    "name",
    [
        "MYSQLITE", "BACKDOOR", "ABCDC", "BackDoor", "MySQL01", "PostgreSQL", "NoSQL", "profile-01", "AVALANCHE",
        "kmspico", "F-S-1", "D-C", "VM12", "", "[/]", "=cmd|x", "دیسی", "۱۲",
    ],
)  # fmt: skip
def test_a_word_inside_another_word_is_not_seen(name):
    assert roles_in(name) == []


def test_the_rdc_of_the_office_is_no_domain_controller():
    assert roles_in("RDC") == roles_in("rdc-01") == ["rdc"]


def test_the_offices_own_pattern_silences_ours():
    rules = RoleRules(RoleSettings(names={"archive": ("DC-FILES*",), "sql": ("bank",), "-": ("dc-test*",)}))
    assert roles_in("DC-Files01", rules) == ["archive"]
    assert roles_in("Bank01", rules) == ["sql"]
    assert roles_in("DC-TEST3", rules) == []
    assert roles_in("ALB-DC1", rules) == ["dc"]


def test_a_pattern_with_a_star_fits_the_whole_name_only():
    rules = RoleRules(RoleSettings(names={"archive": ("arc*",)}))
    assert roles_in("ARC01", rules) == ["archive"]
    assert roles_in("MARC01", rules) == []


@pytest.mark.parametrize(
    ("typed", "role"),
    [
        ("sql", "sql"),
        (" SQL Server ", "sql"),
        ("بانک اطلاعاتی", "sql"),
        ("Domain  Controller", "dc"),
        ("فايل سرور", "file"),
        ("پشتيبان", "backup"),
        ("Print Server", "print-server"),
        ("اتوماسیون اداری", "اتوماسیون-اداری"),
        ("-", "-"),
        ("none", "-"),
        ("ندارد", "-"),
        ("", None),
        ("12", None),
        ("this machine holds the old insurance application of two counties", None),
    ],
)
def test_a_typed_role_becomes_one_word(typed, role):
    assert RULES.typed(typed) == role


def test_a_pdc_is_a_dc_and_a_dc_is_no_pdc():
    assert implied_by("pdc") == {"pdc", "dc"}
    assert implied_by("dc") == {"dc"}
    assert implied_by("print-server") == {"print-server"}


def test_the_roles_that_the_office_names_are_known():
    assert set(OFFICE.values()) <= set(known_roles())


@pytest.mark.parametrize("role", known_roles())
def test_every_pattern_of_the_file_is_found_in_a_name_made_of_it(role):
    for word in traits()[role].names:
        assert role in roles_in(f"alb-{word}-01"), word


def test_no_two_roles_share_a_word():
    words = [squeezed(word) for found in traits().values() for word in {*map(squeezed, (*found.names, *found.words))}]
    assert len(words) == len(set(words))


@given(st.text(max_size=60))
def test_whatever_a_name_is_said_to_hold_stands_in_it(name):
    assert all(hit.pattern in squeezed(name) for hit in RULES.in_name(name))
    assert all(word in squeezed(name) for word in words_in(name))


@given(st.sampled_from(sorted(OFFICE)), st.integers(0, 99), st.sampled_from(["-", "_", " ", "."]))
def test_a_number_and_a_prefix_change_no_role(name, number, between):
    assert roles_in(f"alb{between}{name}{between}{number}") == [OFFICE[name]]


@given(st.from_regex(r"[a-z]{1,5}", fullmatch=True), st.sampled_from(["sql", "dc", "fs", "av", "kms"]))
def test_letters_glued_to_a_short_word_hide_it(glued, word):
    hits = roles_in(f"{glued}{word}")
    assert set(hits) <= {role for role in roles_in(glued + word) if squeezed(glued + word) in _every_word()}


def _every_word() -> set[str]:
    return {squeezed(word) for found in traits().values() for word in found.names}


def test_every_guest_variable_of_the_file_is_one():
    keys = [key for found in traits().values() for key in found.guestinfo]
    assert keys
    assert all(key.startswith("guestinfo.") and key == key.casefold() for key in keys)


def test_every_phrase_that_is_compared_in_small_letters_is_written_so():
    phrases = [phrase for found in traits().values() for phrase in (*found.products, *found.systems)]
    assert [phrase for phrase in phrases if phrase != phrase.casefold()] == []

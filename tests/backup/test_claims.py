"""Which job a file belongs to."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.backup.claims import Claimer, Claims, claim_of, objects_of
from itops.backup.copies import Copy, ListedFile
from itops.backup.levels import Level
from itops.backup.patterns import Pattern
from itops.backup.policy import Job, Protected, ProtectedList, Texts

TEHRAN = ZoneInfo("Asia/Tehran")


def job(files: str | None = None, *protects: str, labels: tuple[str, ...] = ()) -> Job:
    return Job(
        protects=ProtectedList(map(Protected.parse, protects or ("sql01/Insurance",))),
        repository=Texts(("nas",)),
        files=Pattern.parse(files) if files else None,
        labels=labels,
    )


def file(path: str, size: int = 100, modified: int = 1_790_000_000_000_000_000) -> ListedFile:
    return ListedFile(path, size, modified)


def claimed(jobs: dict[str, Job], *paths: str) -> Claims:
    claimer = Claimer("nas", list(jobs.items()), TEHRAN)
    for path in paths:
        claimer.take_file(file(path))
    return claimer.claims()


@pytest.mark.parametrize(
    ("pattern", "path", "is_claimed"),
    [
        ("Insurance_{year}{month}{day}_{hour}{minute}.bak", "Insurance_20261121_2330.bak", True),
        ("Insurance_{year}{month}{day}_{hour}{minute}.bak", "old/2026/Insurance_20261121_2330.bak", True),
        ("Insurance_{year}{month}{day}_{hour}{minute}.bak", "Insurance_20261121_2330.bak.partial", False),
        ("Insurance_{year}{month}{day}_{hour}{minute}.bak", "xInsurance_20261121_2330.bak", False),
        ("full/Insurance_*.bak", "full/Insurance_1.bak", True),
        ("full/Insurance_*.bak", "log/full/Insurance_1.bak", False),
        ("**/Insurance_?.bak", "a/b/Insurance_1.bak", True),
        ("Insurance_*.bak", "Insurance_a/b.bak", False),
        ("a+b(c).bak", "a+b(c).bak", True),
        ("a.bak", "aXbak", False),
    ],
)
def test_a_pattern_claims_what_it_names(pattern, path, is_claimed):
    assert (Pattern.parse(pattern).match(path) is not None) is is_claimed


@pytest.mark.parametrize(
    ("name", "moment"),
    [
        ("db_20261121_2330.bak", datetime(2026, 11, 21, 20, 0, tzinfo=UTC)),
        ("db_14050830_2330.bak", datetime(2026, 11, 21, 20, 0, tzinfo=UTC)),  # Jalali: a year below 1700
        ("db_20261399_2330.bak", None),
        ("db_14051235_2330.bak", None),
        ("db_20261121_2599.bak", None),
        ("db_00000000_0000.bak", None),
        ("db_99991231_2359.bak", None),
    ],
)
def test_a_name_tells_a_moment_in_either_calendar_or_none(name, moment):
    [copy] = claimed({"db": job("db_{year}{month}{day}_{hour}{minute}.bak")}, name).copies
    assert copy.named_at == moment


def test_stripes_of_one_set_are_one_copy():
    jobs = {"db": job("db_{year}{month}{day}_{stripe}.bak")}
    copies = claimed(jobs, "x/db_20261121_2.bak", "x/db_20261121_1.bak", "x/db_20261122_1.bak").copies
    assert [(copy.key, len(copy.files), copy.size_bytes) for copy in copies] == [
        ("x/db_20261121_*.bak", 2, 200),
        ("x/db_20261122_*.bak", 1, 100),
    ]


def test_a_folder_is_one_copy_with_everything_below_it():
    jobs = {"pg": job("base_{year}{month}{day}/", "pg01/insured")}
    claims = claimed(jobs, "base_20261121/PG_VERSION", "base_20261121/base/1/2", "readme.txt")
    [copy] = claims.copies
    assert (copy.key, len(copy.files), copy.named_at) == (
        "base_20261121/",
        2,
        datetime(2026, 11, 20, 20, 30, tzinfo=UTC),
    )
    assert (claims.unclaimed, claims.examples) == (1, ("readme.txt",))


def test_an_object_in_the_name_must_be_one_the_job_protects():
    jobs = {"all": job("{server}/{object}/{year}{month}{day}.bak", "sql01/Insurance", "sql01/Payroll")}
    claims = claimed(jobs, "SQL01/insurance/20261121.bak", "sql01/Tourism/20261121.bak", "sql02/Payroll/20261121.bak")
    assert [(copy.object, copy.key) for copy in claims.copies] == [("sql01/Insurance", "SQL01/insurance/20261121.bak")]
    assert claims.unclaimed == 2


def test_a_star_protects_every_database_of_the_server():
    jobs = {"all": job("{object}_{year}{month}{day}.bak", "sql01/*")}
    [copy] = claimed(jobs, "Tourism_20261121.bak").copies
    assert copy.object == "sql01/Tourism"
    names = [("SQL01", "Insurance"), ("sql02", "Other"), ("sql01", "Tourism")]
    assert [held.text for held in objects_of(jobs["all"], names)] == ["sql01/Insurance", "sql01/Tourism"]


def test_a_file_belongs_to_the_first_job_that_fits():
    jobs = {"one": job("db_*.bak"), "two": job("*.bak")}
    assert [copy.job for copy in claimed(jobs, "db_1.bak", "x.bak").copies] == ["one", "two"]


def test_hash_lists_belong_to_the_files_beside_them_and_not_to_nobody():
    claims = claimed({"db": job("db_*.bak")}, "db_1.bak", "SHA256SUMS", "db_1.bak.sha256")
    assert claims.unclaimed == 0
    assert sorted(held.path for held in claims.hash_lists) == ["SHA256SUMS", "db_1.bak.sha256"]


def test_an_entry_of_a_catalogue_is_claimed_by_object_name_and_tag():
    entry = Copy(repository="nas", key="abc", fingerprint="abc", object="SQL01/insurance", labels=frozenset({"daily"}))
    cases = {
        "object": (job(None, "sql01/Insurance"), "sql01/Insurance"),
        "another": (job(None, "sql01/Payroll"), None),
        "star": (job(None, "sql01/*"), "sql01/insurance"),
        "tag": (job(None, "sql01/Insurance", labels=("daily",)), "sql01/Insurance"),
        "no such tag": (job(None, "sql01/Insurance", labels=("weekly",)), None),
        "name": (job("abc", "sql01/Insurance"), "sql01/Insurance"),
        "no such name": (job("abd", "sql01/Insurance"), None),
    }
    for name, (held, wanted) in cases.items():
        claimer = Claimer("nas", [("db", held)], TEHRAN)
        claimer.take_copy(entry)
        assert [copy.object for copy in claimer.claims().copies] == ([wanted] if wanted else []), name


def test_a_cluster_backup_belongs_to_every_job_of_its_databases():
    jobs = [("a", job(None, "pg01/insured")), ("b", job(None, "pg01/members"))]
    claimer = Claimer("nas", jobs, TEHRAN)
    claimer.take_copy(Copy(repository="nas", key="20261121F", fingerprint="20261121F"))
    assert [(copy.job, copy.object) for copy in claimer.claims().copies] == [
        ("a", "pg01/insured"),
        ("b", "pg01/members"),
    ]


@pytest.mark.parametrize("text", ["{yaer}.bak", "{year}{year}.bak", "{}.bak"])
def test_a_pattern_that_cannot_be_is_refused(text):
    with pytest.raises(ValueError, match=r"placeholder|there is no"):
        Pattern.parse(text)


@given(st.lists(st.tuples(st.text(max_size=30), st.integers(0, 9), st.integers(-(10**19), 10**19)), max_size=8))
def test_any_listing_is_claimed_or_left_and_nothing_is_lost(listing):
    jobs = {"a": job("*_{year}{month}{day}*"), "b": job("*.bak")}
    files = [ListedFile(path, size, modified) for path, size, modified in listing]
    results = []
    for order in (files, files[::-1]):
        claimer = Claimer("nas", list(jobs.items()), TEHRAN)
        for held in order:
            claimer.take_file(held)
        results.append(claimer.claims())
    first, second = results
    total = sum(len(copy.files) for copy in first.copies) + first.unclaimed + len(first.hash_lists)
    assert total == len(files)
    assert first.copies == second.copies


def test_a_fingerprint_changes_with_size_time_and_name():
    claims = [
        claimed({"db": job("d{stripe}.bak")}, *paths).copies[0].fingerprint
        for paths in (("d1.bak",), ("d1.bak", "d2.bak"), ("d1.bak", "d3.bak"))
    ]
    assert len(set(claims)) == 3
    claimer = Claimer("nas", [("db", job("d1.bak"))], TEHRAN)
    claimer.take_file(replace_size(file("d1.bak")))
    assert claimer.claims().copies[0].fingerprint != claims[0]


def replace_size(held: ListedFile) -> ListedFile:
    return held._replace(size_bytes=held.size_bytes + 1)


def test_job_is_not_changed_by_claims():
    held = job("d1.bak")
    assert replace(held) == held


@pytest.mark.parametrize("name", ["Insurance_1.bak.sha256", "x/SHA256SUMS", "Insurance_1.bak.md5"])
def test_a_hash_list_is_no_copy_though_a_wide_pattern_fits_it(name):
    claims = claimed({"db": job("*")}, name, "Insurance_1.bak")
    assert [copy.key for copy in claims.copies] == ["Insurance_1.bak"]
    assert [held.path for held in claims.hash_lists] == [name]


def test_a_hash_list_inside_a_folder_that_is_one_copy_belongs_to_it():
    claims = claimed({"any": job("*"), "base": job("base_{year}{month}{day}/")}, "base_20261121/SHA256SUMS")
    assert [(copy.job, copy.key) for copy in claims.copies] == [("base", "base_20261121/")]


@pytest.mark.parametrize("text", ["/", "/a.bak", "//x", "Ins_{ year}.bak", "Ins_{year.bak", "Ins_year}.bak", "{a-b}"])
def test_a_pattern_that_could_never_fit_is_refused(text):
    with pytest.raises(ValueError, match=re.escape(f'"{text}"')):
        Pattern.parse(text)


@pytest.mark.parametrize("text", ["files/fs01", "files/fs01/", "files//scans", "vm/", "sql01", "/x", ""])
def test_what_names_no_object_is_refused(text):
    with pytest.raises(ValueError, match="names no"):
        Protected.parse(text)


def test_an_object_that_is_named_twice_is_one():
    named = [held.text for held in objects_of(job(None, "sql01/*", "SQL01/a"), [("sql01", "A"), ("Sql01", "b")])]
    assert named == ["SQL01/a", "sql01/b"]


def test_a_claim_changes_with_all_that_decides_which_copies_are_the_jobs_and_with_nothing_else():
    base = job("a_*.bak")
    others = [job("b_*.bak"), job("a_*.bak", "sql01/Payroll"), job("a_*.bak", labels=("x",)), job()]
    assert len({claim_of("db", one) for one in (base, *others)} | {claim_of("x", base)}) == 6
    assert claim_of("db", replace(base, level=Level.ANSWERED, owner="R. Karimi")) == claim_of("db", base)

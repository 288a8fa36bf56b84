"""itops.yaml is read strictly, and every mistake in it is told at once."""

from contextlib import suppress
from dataclasses import FrozenInstanceError
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as profile
from hypothesis import strategies as st

from itops.config.settings import IgnoreSetting, Plugins, Settings, load
from itops.errors import ConfigInvalid
from tests.config.plugins import REGISTRY, REPOSITORIES, Server, Shelf

PIN = "0123456789abcdef" * 4
SAMPLE = f"""
office:   {{id: alborz, name: {{fa: اداره کل البرز, en: Alborz}}, timezone: Asia/Tehran, calendar: jalali,
           language: fa}}
sources:
  vc01:   {{type: vsphere, host: vc01.example.ir, port: 443, username: itops-ro, password: file:secrets/vc01,
           tls: pin:sha256:{PIN}}}
expects:  {{roles: {{wsus: 1, sql: 1, dc: 2, kms: 1}}}}
backup:
  repositories:
    nas:  {{type: folder, path: /mnt/backup/sql}}
  jobs:
    insurance-db:
      protects: sql01/Insurance
      repository: nas
      files: "Insurance_{{year}}{{month}}{{day}}_{{hour}}{{minute}}.bak"
      daily:   {{due: "06:00", grace: 2h, keep: 14}}
      weekly:  {{on: friday, keep: 5}}
      monthly: {{on: last, keep: 12, offsite: refah-box}}
report:   {{formats: [pdf, xlsx, html, json], monthly: {{day: 1, at: "08:00"}}}}
"""


def read(folder: Path, text: str) -> Settings:
    path = folder / "itops.yaml"
    path.write_text(text, encoding="utf-8")
    return load(path, Plugins(sources=REGISTRY, repositories=REPOSITORIES))


def told(folder: Path, text: str) -> list[str]:
    """What is said about a file with mistakes: the lines, without the columns' padding."""
    with pytest.raises(ConfigInvalid) as caught:
        read(folder, text)
    lines = caught.value.problem.splitlines()
    return [" | ".join(part.strip() for part in line.split("  ") if part.strip()) for line in lines]


def test_the_sample_of_the_design_is_the_contract(tmp_path):
    settings = read(tmp_path, SAMPLE)
    assert (settings.office.id, settings.office.calendar, settings.office.language) == ("alborz", "jalali", "fa")
    assert settings.office.name is not None
    assert settings.office.name.fa == "اداره کل البرز"
    assert datetime(2026, 7, 1, tzinfo=UTC).astimezone(settings.office.zone).utcoffset() == timedelta(
        hours=3, minutes=30
    )
    assert settings.expects.roles == {"wsus": 1, "sql": 1, "dc": 2, "kms": 1}
    assert settings.state == tmp_path / "state"
    assert settings.store is None
    source = settings.source("vc01")
    assert source is not None
    assert isinstance(source.build(), Server)
    assert source.settings.tls.pin == PIN


def test_the_backup_plan_and_the_report_of_the_sample_are_typed(tmp_path):
    settings = read(tmp_path, SAMPLE)
    assert settings.backup is not None
    job = settings.backup.jobs["insurance-db"]
    assert job.daily is not None
    assert (job.daily.due, job.daily.grace, job.daily.keep) == (time(6), timedelta(hours=2), 14)
    assert [held.text for held in job.protects] == ["sql01/Insurance"]
    nas = settings.backup.repositories["nas"]
    assert isinstance(nas.build(settings.office.zone), Shelf)
    assert nas.settings.path == Path("/mnt/backup/sql")
    assert job.monthly is not None
    assert (job.monthly.on.number, job.monthly.offsite) == (None, "refah-box")
    assert settings.report is not None
    assert settings.report.monthly is not None
    assert (settings.report.monthly.day.number, settings.report.monthly.at) == (1, time(8))


def test_settings_do_not_change_after_they_were_read(tmp_path):
    settings = read(tmp_path, SAMPLE)
    with pytest.raises(FrozenInstanceError):
        settings.office.calendar = "gregorian"  # type: ignore[misc]


def test_every_mistake_is_told_at_once_with_line_path_and_what_was_meant(tmp_path):
    text = (
        "office: {id: al borz, timezone: Asia/Teheran, calendar: jalaly}\n"
        "sources:\n"
        "  vc01:\n"
        "    type: vsphere\n"
        "    host: vc01.example.ir\n"
        "    port: 99999\n"
        "    password: file:x\n"
        "    tmeout: 30\n"
        "  vc02: {type: vspere}\n"
        "expect: {roles: {dc: 1}}\n"
        "backup:\n"
        "  jobs: {db: {protects: s/a, repository: nas, files: b, daily: {due: 06:00, grace: a day or so, keep: 1}}}\n"
    )
    assert told(tmp_path, text) == [
        "10 mistakes in itops.yaml",
        'itops.yaml:1 | office.calendar | "jalaly" is not one of jalali, gregorian; did you mean jalali?',
        'itops.yaml:1 | office.id | "al borz" should be letters, digits, - _ and . (at most 63): '
        "it becomes part of file names",
        'itops.yaml:1 | office.timezone | "Asia/Teheran" is not a time zone; did you mean Asia/Tehran?',
        "itops.yaml:3 | sources.vc01.username | is missing",
        "itops.yaml:6 | sources.vc01.port | 99999 is not between 1 and 65535",
        "itops.yaml:8 | sources.vc01.tmeout | unknown key; did you mean read_timeout_seconds or "
        "connect_timeout_seconds?",
        'itops.yaml:9 | sources.vc02.type | there is no source type "vspere"; use one of folder, vsphere; '
        "did you mean vsphere?",
        "itops.yaml:10 | expect | unknown key; did you mean expects?",
        'itops.yaml:12 | backup.jobs.db.daily.grace | "a day or so" is not a duration; write 24h, 30m or 90d',
        'itops.yaml:12 | backup.jobs.db.repository | there is no repository "nas"',
    ]


OFFICE = "office: {id: alborz}\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sources: {}\n", "itops.yaml:1 | office | is missing"),
        ("- a\n", "itops.yaml:1 | should be a section of `key: value` lines"),
        (OFFICE + "sources: [a]\n", "itops.yaml:2 | sources | should be a section of `key: value` lines"),
        (OFFICE + "sources: {vc01: text}\n", "itops.yaml:2 | sources.vc01 | should be a section: {type: ..., ...}"),
        (
            OFFICE + "sources: {vc01: {host: a}}\n",
            "itops.yaml:2 | sources.vc01.type | is missing; one of folder, vsphere",
        ),
        (OFFICE + "expects: {roles: {dc: two}}\n", 'itops.yaml:2 | expects.roles.dc | "two" is not a whole number'),
        (OFFICE + "expects: {roles: {dc: -1}}\n", "itops.yaml:2 | expects.roles.dc | -1 is not between 0 and 10,000"),
        (OFFICE + "roles: {patterns: {sql: db*}}\n", "itops.yaml:2 | roles.patterns.sql | should be a list: [a, b]"),
        (
            OFFICE + "roles: {probes: yes}\n",
            "itops.yaml:2 | roles.probes | should be off or a list of probes: [kms, tds]",
        ),
        (
            OFFICE + "health:\n  ignore:\n    - {kode: a}\n",
            "itops.yaml:4 | health.ignore[1].kode | unknown key; did you mean code?",
        ),
        (
            OFFICE + "report: {formats: [pdf, xlsy]}\n",
            'itops.yaml:2 | report.formats[2] | "xlsy" is not one of pdf, xlsx, docx, html, json; did you mean xlsx?',
        ),
        (
            OFFICE + "sources: {f: {type: folder, folder: x, sheets: [a], columns: {b: {header: c}}}}\n",
            "itops.yaml:2 | sources.f | give sheets or columns, not both",
        ),
        (
            OFFICE + "sources: {f: {type: folder, folder: x, columns: {b: {heder: c, header: d, unit: GB}}}}\n",
            "itops.yaml:2 | sources.f.columns.b.heder | unknown key; did you mean header?",
        ),
        (
            OFFICE + "sources: {f: {type: folder, folder: [x]}}\n",
            "itops.yaml:2 | sources.f.folder | should be one value, not a list or section",
        ),
    ],
)
def test_a_mistake_is_told_where_it_stands(tmp_path, text, said):
    assert said in told(tmp_path, text)


def test_a_job_in_a_repository_that_is_not_there_is_told(tmp_path):
    text = (
        OFFICE + "backup: {repositories: {nas: {type: folder, path: /b}},\n"
        "  jobs: {db: {protects: s/a, repository: nos, files: c, max_age: 1d}}}\n"
    )
    assert told(tmp_path, text) == [
        'itops.yaml:3 | backup.jobs.db.repository | there is no repository "nos"; did you mean nas?'
    ]


def test_sections_with_everything_commented_out_are_empty_not_wrong(tmp_path):
    settings = read(tmp_path, OFFICE + "sources:\n#  vc01:\nexpects:\nroles:\nhealth:\nbackup:\nstate:\n")
    assert settings.sources == ()
    assert settings.expects.roles == {}
    assert settings.backup is None
    assert settings.state == tmp_path / "state"


def test_types_come_from_the_settings_not_from_yaml(tmp_path):
    text = "office: {id: 1405, name: 0640}\nsources:\n  f:\n    type: folder\n    folder: exports\n    max_age: 90d\n"
    text += "    limit_bytes: 2 GiB\n    sheets: [1.10, no, 12:30]\n"
    settings = read(tmp_path, text)
    assert settings.office.id == "1405"
    assert settings.office.name is not None
    assert settings.office.name.en == "0640"
    found = settings.sources[0].settings
    assert found.folder == tmp_path / "exports"
    assert (found.max_age, found.limit_bytes) == (timedelta(days=90), 2 * 1024**3)
    assert found.sheets == ("1.10", "no", "12:30")


def test_thresholds_keep_their_type_and_ignored_codes_may_be_bare(tmp_path):
    text = (
        OFFICE
        + "health:\n  thresholds: {snapshot.max_age: 7d, datastore.free_ratio: 0.15, host.count: 3, x.on: true}\n"
    )
    text += "  ignore: [snapshot.old, {code: vm.off, subject: sql01, until: 1405-12-29}]\n"
    health = read(tmp_path, text).health
    assert health.thresholds == {"snapshot.max_age": "7d", "datastore.free_ratio": 0.15, "host.count": 3, "x.on": True}
    assert health.ignore == (
        IgnoreSetting(code="snapshot.old"),
        IgnoreSetting(code="vm.off", subject="sql01", until=date(2027, 3, 20)),
    )


def test_roles_take_patterns_own_roles_and_probes(tmp_path):
    roles = read(tmp_path, OFFICE + "roles: {patterns: {sql: [db*, sql]}, probes: [kms], own: [imaging]}\n").roles
    assert roles.patterns == {"sql": ("db*", "sql")}
    assert (roles.probes.names, roles.own) == (("kms",), ("imaging",))
    assert read(tmp_path, OFFICE + "roles: {probes: off}\n").roles.probes.names == ()


@pytest.mark.parametrize("url", ["postgresql://u:canary@h/db", "postgresql://u@h/db?password=canary", "canary"])
def test_a_store_url_with_a_password_is_refused_without_repeating_it(tmp_path, url):
    said = told(tmp_path, OFFICE + f"store: {{url: '{url}'}}\n")
    assert said[0].startswith("itops.yaml:2 | store | url: ")
    assert "canary" not in str(said)


def test_a_postgresql_store_takes_its_password_by_reference(tmp_path):
    settings = read(
        tmp_path, OFFICE + "store: {url: postgresql://itops@db01/itops, password: env:PG}\nstate: /var/lib/itops\n"
    )
    assert settings.store is not None
    assert [path for path, _ in settings.secrets()] == ["store.password"]
    assert settings.state == Path("/var/lib/itops")


KEYS = st.sampled_from(
    ["office", "id", "sources", "vc01", "type", "vsphere", "roles", "health", "state", "store", "x", "1"]
)
TREES = st.recursive(
    KEYS | st.none(),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(KEYS, below, max_size=4),
    max_leaves=12,
)


@given(TREES)
@profile(max_examples=150)
def test_any_tree_gives_settings_or_configinvalid(tmp_path_factory, tree):
    folder = tmp_path_factory.mktemp("any")
    with suppress(ConfigInvalid):
        assert isinstance(read(folder, as_yaml(tree)), Settings)


def as_yaml(tree) -> str:
    """Flow style, every text quoted: JSON is YAML."""
    if isinstance(tree, dict):
        return "{" + ", ".join(f'"{key}": {as_yaml(held)}' for key, held in tree.items()) + "}"
    if isinstance(tree, list):
        return "[" + ", ".join(map(as_yaml, tree)) + "]"
    return "null" if tree is None else f'"{tree}"'

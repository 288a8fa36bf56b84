from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from itops.cli.glance import Glance, common, left_of, read_glance
from itops.cli.setting import JUDGED_FILE, fingerprint, read_setting, setting_of
from itops.config.settings import Plugins, Settings, load
from itops.errors import ConfigInvalid
from itops.plugins import Registry

PLAIN = """\
office: {id: alborz, timezone: Asia/Tehran, calendar: gregorian}
sources:
  vc01: {type: fake, host: vc01.example.ir}
  exports: {type: fake, host: x}
roles:
  patterns: {sql: [sql, "db*"], "-": [test]}
  attributes: [Usage]
state: var/state
"""


class FakeSource:
    @dataclass(frozen=True, slots=True, kw_only=True)
    class Settings:
        host: str


def strict(path: Path) -> Settings:
    registry: Registry[Any] = Registry({"fake": FakeSource})
    return load(path, Plugins(sources=registry))


def forbidden(path: Path) -> Settings:
    raise AssertionError("the strict loader was asked")


def written(folder: Path, text: str, state: str = "var/state") -> Path:
    (folder / state).mkdir(parents=True, exist_ok=True)
    path = folder / "itops.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(PLAIN, id="everything said"),
        pytest.param(PLAIN.replace("state: var/state\n", ""), id="no state folder"),
        pytest.param("office: {id: alborz}\n", id="nothing but an office"),
        pytest.param("office: {id: alborz}\nsources: {}\nroles: {}\n", id="empty sections"),
    ],
)
def test_a_glance_sees_what_the_strict_loader_reads(tmp_path: Path, text: str) -> None:
    path = written(tmp_path, text)
    (tmp_path / "state").mkdir()
    judged = read_setting(path, strict)
    assert judged == setting_of(strict(path))
    assert read_setting(path, forbidden) == judged


def test_a_file_that_changed_is_judged_again(tmp_path: Path) -> None:
    path = written(tmp_path, PLAIN)
    read_setting(path, strict)
    path.write_text(PLAIN.replace("host: x", "hots: x"), encoding="utf-8")
    with pytest.raises(ConfigInvalid, match="did you mean host"):
        read_setting(path, strict)
    with pytest.raises(ConfigInvalid):
        read_setting(path, strict)


def test_a_fingerprint_of_another_file_is_not_believed(tmp_path: Path) -> None:
    path = written(tmp_path, PLAIN)
    (tmp_path / "var/state" / JUDGED_FILE).write_bytes(b"\xff" * 64)
    assert read_setting(path, strict).calendar == "gregorian"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(PLAIN.replace("gregorian", "julian"), id="an unknown calendar"),
        pytest.param(PLAIN.replace("Asia/Tehran", "Asia/Nowhere"), id="an unknown zone"),
        pytest.param(PLAIN.replace("type: fake, host: x", "host: x"), id="a source without a type"),
        pytest.param("sources: {}\n", id="no office"),
        pytest.param("[1, 2]\n", id="not a mapping"),
        pytest.param("a: [\n", id="not YAML"),
    ],
)
def test_a_mistake_is_always_told_by_the_strict_loader(tmp_path: Path, text: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ConfigInvalid):
        read_setting(path, strict)


def test_a_missing_file_is_explained(tmp_path: Path) -> None:
    with pytest.raises(ConfigInvalid, match="cannot be read"):
        read_setting(tmp_path / "itops.yaml", strict)


def test_a_store_elsewhere_is_never_glanced_at(tmp_path: Path) -> None:
    path = written(tmp_path, PLAIN + "store: {url: 'postgresql://itops@db.example.ir/itops'}\n")
    read_setting(path, strict)
    assert read_setting(path, strict).location.url == "postgresql://itops@db.example.ir/itops"
    with pytest.raises(AssertionError, match="strict loader"):
        read_setting(path, forbidden)


def test_a_missing_state_folder_is_not_made_by_reading(tmp_path: Path) -> None:
    path = tmp_path / "itops.yaml"
    path.write_text("office: {id: alborz}\n", encoding="utf-8")
    assert read_setting(path, strict).location.folder == tmp_path / "state"
    assert not (tmp_path / "state").exists()


# What is left for those who are called every minute


def unread(path: Path) -> Glance:
    """Without parsing anything: pydantic and YAML would be asked for in a process that has neither."""
    held = left_of(path)
    assert held is not None
    return Glance(**common(held))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(PLAIN, id="a folder of the office's own"),
        pytest.param(PLAIN.replace("state: var/state\n", "state: var/state  # the store\r\n"), id="with a comment"),
        pytest.param("office: {id: alborz}\nschedule: {beat_within: 1h30m}\n", id="no state folder named"),
    ],
)
def test_what_the_strict_loader_left_says_the_same(tmp_path: Path, text: str) -> None:
    path = written(tmp_path, text)
    (tmp_path / "state").mkdir()
    assert left_of(path) is None
    whole = read_setting(path, strict)
    left = unread(path)
    assert {name: getattr(left, name) for name in Glance.__slots__} == {
        name: getattr(whole, name) for name in Glance.__slots__
    }
    assert read_setting(path, forbidden) == whole


def test_the_beat_of_the_office_is_seen_at_a_glance(tmp_path: Path) -> None:
    path = written(tmp_path, PLAIN + "schedule: {beat_within: 1h}\n")
    assert read_setting(path, strict).beat_within == timedelta(hours=1)
    (tmp_path / "var/state" / JUDGED_FILE).write_text(fingerprint(path) or "", encoding="ascii")
    assert read_setting(path, forbidden).beat_within == timedelta(hours=1)


def test_what_was_left_of_a_file_that_changed_is_not_believed(tmp_path: Path) -> None:
    path = written(tmp_path, PLAIN)
    read_setting(path, strict)
    path.write_text(PLAIN + "# more\n", encoding="utf-8")
    assert left_of(path) is None


def test_what_was_left_in_another_office_is_not_believed(tmp_path: Path) -> None:
    path = written(tmp_path / "one", PLAIN)
    read_setting(path, strict)
    copied = written(tmp_path / "two", PLAIN)
    (tmp_path / "two/var/state" / JUDGED_FILE).write_bytes((tmp_path / "one/var/state" / JUDGED_FILE).read_bytes())
    assert left_of(copied) is None
    assert read_setting(copied, strict).location.folder == tmp_path / "two/var/state"


@pytest.mark.parametrize("kept", ["", "{", "[]", "null", '{"folder": 1}', '{"folder": "FOLDER"}', "\u00fc" * 9])
def test_what_nobody_of_ours_left_is_not_believed(tmp_path: Path, kept: str) -> None:
    path = written(tmp_path, PLAIN)
    whole = read_setting(path, strict)
    state = tmp_path / "var/state"
    text = f"{fingerprint(path)}\n{kept.replace('FOLDER', str(state))}"
    (state / JUDGED_FILE).write_text(text, encoding="utf-8")
    assert read_setting(path, strict) == whole
    glance = read_glance_of(path)
    assert glance.location == whole.location


def read_glance_of(path: Path) -> Glance:
    try:
        return read_glance(path)
    except ConfigInvalid:  # the strict loader was asked, which knows no source of the type "fake"
        return setting_of(strict(path))


def test_of_a_store_elsewhere_nothing_is_left(tmp_path: Path) -> None:
    path = written(tmp_path, PLAIN + "store: {url: 'postgresql://itops@db.example.ir/itops'}\n")
    read_setting(path, strict)
    assert left_of(path) is None
    assert "db.example.ir" not in (tmp_path / "var/state" / JUDGED_FILE).read_text(encoding="ascii")

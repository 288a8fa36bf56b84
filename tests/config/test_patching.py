"""One value changes, and not one byte more."""

import difflib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.config.patching import with_value, write
from itops.config.yaml import load, loads
from itops.errors import ConfigInvalid

PLACE = ("sources", "vc01", "tls")
BLOCK = """# کامنت
office: {id: alborz}   # keep
sources:
  vc02:
    host: b
    tls: system

  vc01:   # the vCenter
    host: vc01.example.ir  # its name
    tls:   system     # change me
    note: "😀 فارسی"
"""


def changed_lines(old: str, new: str) -> list[str]:
    return [line for line in difflib.ndiff(old.splitlines(), new.splitlines()) if line[0] in "+-"]


def test_exactly_the_one_line_changes_and_its_comment_stays():
    new = with_value(loads(BLOCK), PLACE, "pin:sha256:ab", after="host")
    assert changed_lines(BLOCK, new) == [
        "-     tls:   system     # change me",
        "+     tls:   pin:sha256:ab     # change me",
    ]


def test_a_missing_key_is_one_line_more_below_its_sibling():
    old = BLOCK.replace("    tls:   system     # change me\n", "")
    new = with_value(loads(old), PLACE, "pin:sha256:ab", after="host")
    assert changed_lines(old, new) == ["+     tls: pin:sha256:ab"]
    assert loads(new).texts["sources"]["vc01"]["tls"] == "pin:sha256:ab"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("sources: {vc01: {host: a, tls: system}, vc02: {host: b, tls: system}}\n", id="flow"),
        pytest.param("sources: {vc01: {host: a}}\n", id="flow, no key"),
        pytest.param("sources: {vc01: {host: a, tls: }}\n", id="flow, empty value"),
        pytest.param("sources:\n  vc01:\n    host: a\n    tls:\n", id="empty value"),
        pytest.param("sources:\n  vc01:\n    tls:    # later\n    host: a\n", id="empty value with a comment"),
        pytest.param("sources:\n  vc01:\n    tls: 'system'\n    host: a", id="quoted, no final newline"),
        pytest.param("sources:\n  vc01:\n    host: a", id="no key, no final newline"),
        pytest.param("sources:\r\n  vc01:\r\n    host: a\r\n    x: b\r\n", id="CRLF, no key"),
        pytest.param("sources:\n  vc01:\n    host: >-\n      a\n    x: b\n", id="a folded sibling"),
    ],
)
def test_every_way_of_writing_it_can_be_patched(text):
    document = loads(text)
    new = with_value(document, PLACE, "pin:sha256:ab", after="host")
    wanted = {**document.texts["sources"]["vc01"], "tls": "pin:sha256:ab"}
    assert loads(new).texts == {"sources": {**document.texts["sources"], "vc01": wanted}}
    assert ("\r\n" in new) == ("\r\n" in text)
    assert new.count("\r\n") in (0, new.count("\n"))


def test_what_yaml_would_read_otherwise_is_quoted():
    new = with_value(loads("sources: {vc01: {host: a, tls: b}}\n"), PLACE, "a, b: c", after="host")
    assert new == "sources: {vc01: {host: a, tls: 'a, b: c'}}\n"


def test_what_cannot_be_patched_is_refused_with_what_to_write():
    with pytest.raises(ConfigInvalid) as caught:
        with_value(loads("sources: {vc01: {host: a, tls: b}}\n"), PLACE, "a\x07b", after="host")
    assert "sources.vc01.tls" in caught.value.remedy


TEXTS = st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"]), max_size=15)


@given(st.dictionaries(st.from_regex(r"[a-z]{1,5}", fullmatch=True), TEXTS, max_size=5), TEXTS, st.booleans())
def test_nothing_else_changes_whatever_stands_around(others, comment, has_key):
    others = {key: value for key, value in others.items() if key not in {"host", "tls"}}
    lines = [f"    {key}: '{value.replace(chr(39), chr(39) * 2)}'" for key, value in others.items()]
    lines += ["    host: a", *(["    tls: system"] if has_key else [])]
    text = "\n".join(["sources:  # " + comment.strip(), "  vc01:", *lines, ""])
    document = loads(text)
    new = with_value(document, PLACE, "pin:sha256:ab", after="host")
    assert len(changed_lines(text, new)) == (2 if has_key else 1)
    assert loads(new).texts["sources"]["vc01"] == {**others, "host": "a", "tls": "pin:sha256:ab"}


def test_a_file_keeps_its_mode_its_mark_and_its_link(tmp_path):
    real, link = tmp_path / "real.yaml", tmp_path / "itops.yaml"
    real.write_bytes(b"\xef\xbb\xbf" + BLOCK.encode())
    real.chmod(0o640)
    link.symlink_to(real)
    document = load(link)
    write(link, document, with_value(document, PLACE, "pin:sha256:ab", after="host"))
    assert link.is_symlink()
    assert real.read_bytes().startswith(b"\xef\xbb\xbf# ")
    assert real.stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in tmp_path.iterdir()) == ["itops.yaml", "real.yaml"]


def test_a_file_that_changed_meanwhile_is_not_overwritten(tmp_path: Path):
    path = tmp_path / "itops.yaml"
    path.write_text(BLOCK, encoding="utf-8")
    document = load(path)
    path.write_text("theirs: 1\n", encoding="utf-8")
    with pytest.raises(ConfigInvalid):
        write(path, document, "ours: 1\n")
    assert path.read_text(encoding="utf-8") == "theirs: 1\n"

"""The strict loader: what was typed is what is read, and nothing in a file can harm."""

import os

import pytest
import yaml as pyyaml
from hypothesis import given, settings
from hypothesis import strategies as st

from itops.config import yaml as loader
from itops.config.yaml import Document, Limits, load, loads, typed
from itops.errors import ConfigInvalid


def problem_of(content: str | bytes, **limits: int) -> str:
    with pytest.raises(ConfigInvalid) as caught:
        loads(content, "itops.yaml", Limits(**limits))
    return caught.value.problem


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("10:30", id="a time, not 630"),
        pytest.param("12:34:56:11:22:33", id="a MAC, not base 60"),
        pytest.param("no", id="a country, not False"),
        pytest.param("on", id="a weekday's key, not True"),
        pytest.param("0640", id="a mode, not octal"),
        pytest.param("0123456", id="a serial, not octal"),
        pytest.param("12E5", id="a serial, not 1200000.0"),
        pytest.param("1405-08", id="a period"),
        pytest.param("1403-06-31", id="a Jalali day that no Gregorian calendar has"),
        pytest.param("1.10", id="a version, not 1.1"),
        pytest.param("+5", id="a sign would be lost"),
        pytest.param("-0", id="a sign would be lost, too"),
        pytest.param("1_000", id="an underscore would be lost"),
        pytest.param("12345678901234567890", id="a long serial"),
        pytest.param("True", id="only lower case"),
        pytest.param(".inf", id="not a number of ours"),
        pytest.param("۱۴۰۳", id="Persian digits"),
        pytest.param("=", id="PyYAML's own loader fails here"),
    ],
)
def test_such_a_scalar_stays_the_text_that_was_typed(text):
    assert loads(f"key: {text}").values == {"key": text}


@pytest.mark.parametrize(
    ("text", "value"),
    [("443", 443), ("-3", -3), ("0.5", 0.5), ("true", True), ("false", False), ("null", None), ("~", None), ("", None)],
)
def test_only_plain_numbers_and_three_words_get_a_type(text, value):
    document = loads(f"key: {text}")
    assert document.values == {"key": value}
    assert type(document.values["key"]) is type(value)
    assert document.texts == {"key": None if value is None else text}


def test_quotes_keep_a_number_a_text():
    assert loads("a: \"443\"\nb: 'true'\nc: ''").values == {"a": "443", "b": "true", "c": ""}


@given(st.text(max_size=40))
def test_a_typed_scalar_written_back_is_what_was_typed(text):
    value = typed(text)
    if isinstance(value, int | float) and not isinstance(value, bool):
        assert str(value) == text


def test_every_entry_knows_its_line_also_after_persian_and_crlf():
    document = loads("\ufeffname: اداره کل\r\nlist:\r\n  - ۱\r\n  - b: 2\r\n".encode())
    assert document.values == {"name": "اداره کل", "list": ["۱", {"b": 2}]}
    assert [document.line(place) for place in [("name",), ("list", 1, "b"), ("list", 1, "missing")]] == [1, 4, 4]
    spot = document.spots["list", 1, "b"]
    assert document.text[spot.start : spot.end] == "2"


def test_a_duplicate_key_names_both_lines():
    assert problem_of("a: 1\nb: 2\na: 3\n") == "itops.yaml:3  a  duplicate key; it stands on line 1 already"


def test_all_mistakes_of_a_file_are_told_at_once():
    told = problem_of("a: &x 1\nb: *x\n<<: {c: 1}\nd: !!python/object:os.system x\na: 2\n").splitlines()
    assert told[0] == "5 mistakes in itops.yaml"
    assert [line.split("  ")[0] for line in told[1:]] == [f"itops.yaml:{number}" for number in (1, 2, 3, 4, 5)]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        pytest.param("key: !!python/object:os.system x", "a tag", id="a Python object"),
        pytest.param("key: !mine x", "a tag", id="a tag of one's own"),
        pytest.param("key: &unused x", "an anchor", id="an anchor that nothing refers to"),
        pytest.param("key: *nowhere", "an alias", id="an alias of nothing"),
        pytest.param("<<: x", "a merge key", id="a merge key"),
        pytest.param("? [a]\n: b", "cannot be a key", id="a list as key"),
        pytest.param('"": b', "a key is missing", id="no key"),
        pytest.param("--- a\n--- b", "a second document", id="two documents"),
        pytest.param("a:\n\tb: 1", "spaces", id="a tab for indent"),
        pytest.param("a: b: c", "quote the value", id="two colons"),
        pytest.param("a: 'b", "is not YAML", id="an open quote"),
        pytest.param("a: \x00", "U+0000", id="a NUL byte"),
        pytest.param('a: "\\0"', "control character", id="an escaped NUL"),
        pytest.param('a: "\\e[2J"', "control character", id="an escaped terminal sequence"),
        pytest.param('"\\e": 1', "control character", id="the same in a key"),
        pytest.param(b"ok: 1\na: \xff", "itops.yaml:2  is not UTF-8", id="not UTF-8"),
        pytest.param("a: b".encode("utf-16"), "is not UTF-8", id="UTF-16"),
        pytest.param("a: \ud800", "is not UTF-8", id="a lone surrogate"),
    ],
)
def test_what_is_not_plain_data_is_refused_with_its_line(content, words):
    told = problem_of(content)
    assert told.startswith("itops.yaml:")
    assert words in told


def read_or_refused(content: str | bytes) -> Document | ConfigInvalid:
    try:
        return loads(content)
    except ConfigInvalid as refused:
        return refused


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]\n" for n in range(20)
)
MERGE_BOMB = "a0: &a0 {k: v}\n" + "".join(
    f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}\n" for n in range(1, 40)
)


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(BOMB, id="billion laughs"),
        pytest.param(MERGE_BOMB, id="merge keys"),
        pytest.param("[" * 900_000, id="brackets"),
        pytest.param("{a: " * 240_000, id="braces"),
        pytest.param("- " * 490_000, id="dashes"),
        pytest.param("? " * 490_000, id="question marks"),
        pytest.param("a: [" + "x, " * 200_000 + "]", id="too many values"),
        pytest.param("".join(f"{'  ' * n}k:\n" for n in range(900)), id="indents"),
        pytest.param("x" * 2_000_000, id="too large"),
        pytest.param(b"\xff" * 900_000, id="binary"),
        pytest.param("a: 1\n" * 200_000, id="one key, again and again"),
    ],
)
@pytest.mark.timeout(30)  # none of them is read to its end: that would take minutes
def test_a_hostile_file_is_refused_without_reading_it_whole(content):
    assert problem_of(content)


def test_depth_and_values_are_counted_exactly():
    assert loads("[[x]]", limits=Limits(depth=2, node_count=3)).values == [["x"]]
    assert "deeper than 1" in problem_of("[[x]]", depth=1)
    assert "more than 2 values" in problem_of("[[x]]", node_count=2)


@given(st.one_of(st.text(max_size=200), st.text(alphabet=":-[]{},&*!|>'\"%@`?# \t\na01<~", max_size=60)))
@settings(max_examples=300)
def test_any_text_gives_a_value_or_configinvalid(text):
    read = read_or_refused(text)
    if isinstance(read, ConfigInvalid):
        assert "text" in read.problem
        assert read.remedy
    else:
        assert set(read.spots) == set(places(read.texts))


@given(st.binary(max_size=200))
def test_any_bytes_give_a_value_or_configinvalid(content):
    read_or_refused(content)


WORDS = st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn", "Co"]), max_size=12)
TREES = st.recursive(
    WORDS,
    lambda below: st.lists(below, max_size=4) | st.dictionaries(WORDS.filter(bool), below, max_size=4),
    max_leaves=15,
)


@given(TREES)
def test_whatever_another_writer_quotes_is_read_back_the_same(tree):
    text = pyyaml.safe_dump(tree, default_style='"', allow_unicode=True)
    # The other writer tags what it quotes in other than plain style; a text needs no tag here.
    if "!!" not in text:
        assert loads(text).texts == tree


@given(st.text(alphabet=":-[]{},&*!|>'\"?# \na01", max_size=60))
@settings(max_examples=200)
def test_the_pure_parser_reads_as_the_c_parser_does(text):
    """Where the C library is missing the same file means the same, or is refused."""
    results = []
    for parser in (pyyaml.CBaseLoader, pyyaml.BaseLoader):
        reading = loader._Reading("text", Limits(), parser=parser)
        reading.take(text.encode())
        results.append(None if reading.mistakes else reading.document().texts)
    if None not in results:
        assert results[0] == results[1]


def test_a_file_that_is_not_there_names_init(tmp_path):
    with pytest.raises(ConfigInvalid) as caught:
        load(tmp_path / "itops.yaml")
    assert "itops init" in caught.value.remedy


def test_a_folder_and_a_pipe_are_refused_without_hanging(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path, tmp_path / "pipe"):
        with pytest.raises(ConfigInvalid):
            load(path)


def test_an_error_never_repeats_what_may_be_a_password_that_looks_like_yaml():
    for text in (
        "password: *hunter2secret",
        "password: &hunter2secret",
        "password: !hunter2secret",
        "p: 'hunter2secret",
    ):
        with pytest.raises(ConfigInvalid) as caught:
            loads(text)
        assert "hunter2" not in str(caught.value)


def places(tree, above=()):
    if isinstance(tree, dict | list):
        for key, held in tree.items() if isinstance(tree, dict) else enumerate(tree):
            yield (*above, key)
            yield from places(held, (*above, key))

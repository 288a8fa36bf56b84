"""Hash lists: every dialect is read, every line that cannot be believed is named, no path leads elsewhere."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.backup.hash_lists import Hash, algorithm_of, is_hash_list, parse_hash_list, safe_path

SHA256, SHA1, MD5, SHA512 = "ab" * 32, "cd" * 20, "ef" * 16, "01" * 64


def hashes(text: str, name: str = "SHA256SUMS") -> dict[str, Hash]:
    found = parse_hash_list(text.encode(), name)
    assert found.problems == ()
    return dict(found.hashes)


def problems(text: str, name: str = "SHA256SUMS") -> list[tuple[str, str]]:
    return [(problem.code, problem.place) for problem in parse_hash_list(text.encode(), name).problems]


@pytest.mark.parametrize(
    ("name", "line", "path", "algorithm"),
    [
        pytest.param("SHA256SUMS", f"{SHA256}  db/a.bak", "db/a.bak", "sha256", id="sha256sum"),
        pytest.param("SHA256SUMS", f"{SHA256} *a.bak", "a.bak", "sha256", id="sha256sum --binary"),
        pytest.param("x", f"{SHA256.upper()}  ./a b.bak", "a b.bak", "sha256", id="capitals, a blank in the name"),
        pytest.param("x", f"SHA256 (a (1).bak) = {SHA256}", "a (1).bak", "sha256", id="BSD"),
        pytest.param("x", f"SHA2-256(a.bak)= {SHA256}", "a.bak", "sha256", id="OpenSSL 3"),
        pytest.param("dc01.mf", f"SHA1(dc01-disk1.vmdk)= {SHA1}", "dc01-disk1.vmdk", "sha1", id="OVF"),
        pytest.param("MD5SUMS", f"{MD5}  a.bak", "a.bak", "md5", id="md5sum"),
        pytest.param("a.sha512", f"{SHA512}  a.bak", "a.bak", "sha512", id="sha512sum"),
        pytest.param("B2SUMS", f"{SHA512}  a.bak", "a.bak", "blake2b", id="b2sum: its length is that of sha512"),
        pytest.param("x", f"BLAKE2b (a.bak) = {SHA512}", "a.bak", "blake2b", id="b2sum --tag"),
        pytest.param("a.bak.sha256", SHA256, "a.bak", "sha256", id="the hash alone"),
        pytest.param("a.bak.sha256", f"{SHA256}\r", "a.bak", "sha256", id="the hash alone, from Windows"),
        pytest.param("x", f"{SHA256}  db\\a.bak\r", "db/a.bak", "sha256", id="a path of Windows"),
        pytest.param("x", f"\\{SHA256}  a\\\\b", "a\\b", "sha256", id="a backslash in a name of Linux"),
        pytest.param("x", f"{SHA256}  پشتیبان.bak", "پشتیبان.bak", "sha256", id="Persian"),
    ],
)
def test_every_dialect_is_read(name, line, path, algorithm):
    digits = line.lower().split("= ")[-1] if "=" in line else line.strip().lstrip("\\").split(" ")[0].lower()
    assert hashes(f"# made nightly\n\n{line}\n", name) == {path: Hash(algorithm, digits)}


def test_a_list_of_powershell_is_read():
    found = parse_hash_list(f"{SHA256}  a.bak\r\n".encode("utf-16"), "SHA256SUMS")
    assert found.hashes == {"a.bak": Hash("sha256", SHA256)}


def test_a_list_with_a_byte_order_mark_is_read():
    assert parse_hash_list(b"\xef\xbb\xbf" + f"{SHA256}  a".encode(), "x").hashes == {"a": Hash("sha256", SHA256)}


@pytest.mark.parametrize(
    "line",
    [
        SHA256,
        SHA256[:-1] + "  a.bak",
        SHA256 + "a.bak",
        f"{SHA1}  a.bak",
        f"SHA256 (a.bak) = {SHA1}",
        f"WHIRLPOOL (a.bak) = {SHA512}",
        f"\\{SHA256}  a\\x",
        f"{'x' * 64}  a.bak",
        f"{SHA256}  \x00" * 300,
        "<html><body>502</body></html>",
    ],
)
def test_a_mangled_line_is_named_and_the_others_stay(line):
    found = parse_hash_list(f"{SHA256}  good.bak\n{line}\n".encode(), "SHA256SUMS")
    assert set(found.hashes) == {"good.bak"}
    assert [problem.place for problem in found.problems] == ["line 2"]


@pytest.mark.parametrize(
    "path", ["../a", "/a", "a/../../b", "C:\\a", "c:a", "\\\\server\\a", "..\\a", "a\x01b", ".", "x" * 5000]
)
def test_a_path_that_leads_elsewhere_is_refused(path):
    assert problems(f"{SHA256}  {path}\n") == [("hash-path-refused", "line 1")]


def test_two_hashes_for_one_path_are_no_hash():
    text = f"{SHA256}  a\n{'12' * 32}  a\n{SHA256}  b\n"
    found = parse_hash_list(text.encode(), "SHA256SUMS")
    assert set(found.hashes) == {"b"}
    assert problems(text) == [("hash-conflict", "line 2")]


def test_the_same_hash_twice_is_no_conflict():
    assert set(hashes(f"{SHA256}  a\n{SHA256.upper()} *a\n")) == {"a"}


@pytest.mark.parametrize("lines", [(f"MD5 (a) = {MD5}", f"SHA256 (a) = {SHA256}")])
def test_the_stronger_of_two_algorithms_stays(lines):
    assert hashes("\n".join(lines), "x")["a"].algorithm == "sha256"
    assert hashes("\n".join(reversed(lines)), "x")["a"].algorithm == "sha256"


@pytest.mark.parametrize(("name", "line"), [("B3SUMS", f"{SHA256}  a"), ("x", f"BLAKE3 (a) = {SHA256}")])
def test_a_hash_that_python_cannot_take_is_never_mistaken_for_sha256(name, line):
    found = parse_hash_list(line.encode(), name)
    assert (dict(found.hashes), found.problems[0].code) == ({}, "hash-algorithm-unknown")


def test_an_empty_list_is_a_problem():
    assert problems("# nothing\n") == [("hash-list-empty", "")]


def test_a_list_that_is_none_does_not_give_a_million_problems():
    found = parse_hash_list(b"rubbish\n" * 5000, "SHA256SUMS").problems
    assert (len(found), found[-1].facts["more_lines"]) == (101, 4900)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("SHA256SUMS", "sha256"),
        ("sha256sum.txt", "sha256"),
        ("db/a.bak.sha256", "sha256"),
        ("D:\\backup\\a.SHA1", "sha1"),
        ("md5sums", "md5"),
        ("B3SUMS", "blake3"),
        ("dc01.mf", None),
        ("checksums.txt", None),
    ],
)
def test_a_list_is_known_by_its_name(name, expected):
    assert (is_hash_list(name), algorithm_of(name)) == (True, expected)


@pytest.mark.parametrize("name", ["a.bak", "sha256.bak", "a.txt", "", "notes"])
def test_other_files_are_no_lists(name):
    assert not is_hash_list(name)


NAMES = st.text(st.characters(min_codepoint=33, exclude_characters="\\:\x7f", exclude_categories=["Cs"]), min_size=1)


@given(st.dictionaries(NAMES.filter(lambda name: safe_path(name) == name), st.binary(), min_size=1, max_size=8))
def test_what_is_written_is_read_back(files):
    text = "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in files.items())
    assert {path: told.hex for path, told in hashes(text).items()} == {
        name: hashlib.sha256(data).hexdigest() for name, data in files.items()
    }


@given(st.binary(max_size=2000), st.sampled_from(["SHA256SUMS", "a.mf", "", "x.md5"]))
def test_no_bytes_break_it(content, name):
    found = parse_hash_list(content, name)
    assert all(safe_path(path) is not None for path in found.hashes)


@given(st.text())
def test_a_safe_path_stays_safe(text):
    path = safe_path(text)
    assert path is None or (safe_path(path) == path and not path.startswith("/") and ".." not in path.split("/"))

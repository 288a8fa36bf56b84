"""The SQL text of mysqldump and mariadb-dump."""

import gzip

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from itops.backup.copies import CopyKind
from itops.backup.levels import Level
from itops.formats.mysql.mysqldump import Mysqldump
from tests.formats.looking import codes, examined, far_file, faults, is_sane
from tests.formats.mutations import mutated, mutations

SANDBOX = b"/*M!999999\\- enable the sandbox mode */ \n"
TITLES = {
    "MariaDB 10.11": b"-- MariaDB dump 10.19  Distrib 10.11.19-MariaDB, for debian-linux-gnu (x86_64)\n",
    "MariaDB 11": b"-- MariaDB dump 10.19-11.4.2-MariaDB, for debian-linux-gnu (x86_64)\n",
    "MySQL 5.7": b"-- MySQL dump 10.13  Distrib 5.7.44, for Linux (x86_64)\n",
    "MySQL 8": b"-- MySQL dump 10.13  Distrib 8.0.36, for Linux (x86_64)\n",
}
PLACE = b"--\n-- Host: db1.office    Database: Insurance\n-- " + b"-" * 54 + b"\n-- Server version\t8.0.36\n\n"
TAKES = b"/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;\n"
TAKES += b"/*!40111 SET @OLD_SQL_NOTES=@@SQL_NOTES */;\n\n"
CREATE = b"DROP TABLE IF EXISTS `policies`;\nCREATE TABLE `policies` (\n  `id` int\n) ENGINE=InnoDB;\n"
ROWS = (
    b"-- Dumping data for table `policies`\n--\n\nINSERT INTO `policies` VALUES (1,'x')" + b",(2,'y')" * 4000 + b";\n"
)
GIVES = b"/*!40111 SET SQL_NOTES=@OLD_SQL_NOTES */;\n"
END = b"\n-- Dump completed on 2026-11-22  3:25:35\n"
HEAD = TITLES["MySQL 8"] + PLACE + TAKES
GOOD = HEAD + CREATE + ROWS + GIVES + END
BARE = TAKES + CREATE + ROWS.partition(b"\n\n")[2] + GIVES


def looked_at(data: bytes):
    return examined(far_file(data, "nightly.sql"), Mysqldump())


@pytest.mark.parametrize(
    ("title", "made_by"),
    [
        ("MariaDB 10.11", "mariadb-dump 10.11.19-MariaDB"),
        ("MariaDB 11", "mariadb-dump 10.19-11.4.2-MariaDB"),
        ("MySQL 5.7", "mysqldump 5.7.44"),
        ("MySQL 8", "mysqldump 8.0.36"),
    ],
)
@pytest.mark.parametrize("sandbox", [b"", SANDBOX], ids=["", "sandbox"])
def test_a_good_text_is_complete(title: str, made_by: str, sandbox: bytes) -> None:
    found = looked_at(sandbox + TITLES[title] + PLACE + TAKES + CREATE + ROWS + GIVES + END)
    assert (found.level, codes(found)) == (Level.COMPLETE, {"no-checksums"})
    identity = found.identity
    assert identity is not None
    assert (identity.object, identity.server, identity.kind) == ("Insurance", "db1.office", CopyKind.FULL)
    assert (identity.made_by, identity.started_at, identity.finished_at) == (made_by, None, None)
    assert identity.facts["local_finished_at"] == "2026-11-22T03:25:35"
    assert (identity.facts["tables"], identity.facts["inserts"]) == (1, 1)


def test_in_gzip_it_is_intact() -> None:
    assert looked_at(gzip.compress(GOOD)).level is Level.INTACT


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        pytest.param(GOOD[:-1], "cut", id="one byte short"),
        pytest.param(GOOD[:-30], "unfinished", id="thirty bytes short"),
        pytest.param(GOOD[: len(GOOD) // 2], "unfinished", id="half"),
        pytest.param(HEAD, "unfinished", id="a header only"),
        pytest.param(gzip.compress(HEAD), "unfinished", id="a failed dump that gzip made valid"),
        pytest.param(GOOD + b"mysqldump: Got error\n", "junk-appended", id="an error message in the file"),
        pytest.param(GOOD[:9000] + bytes(500) + GOOD[9500:], "zeroed", id="a hole of zeros"),
        pytest.param(GOOD.decode().encode("utf-16"), "utf-16", id="written by PowerShell"),
        pytest.param(BARE[:-1], "cut", id="no comments, one byte short"),
        pytest.param(BARE[:-9], "unfinished", id="no comments, nine bytes short"),
    ],
)
def test_what_is_wrong_is_named(text: bytes, fault: str) -> None:
    found = looked_at(text)
    assert (found.format, [code for code, _ in faults(found)]) == ("mysqldump", [fault])


@pytest.mark.parametrize(
    ("text", "level", "said"),
    [
        pytest.param(GOOD.replace(b" on 2026-11-22  3:25:35", b""), Level.COMPLETE, "no-checksums", id="no date"),
        pytest.param(BARE, Level.COMPLETE, "no-checksums", id="no comments"),
        pytest.param(SANDBOX + CREATE + ROWS, Level.IDENTIFIED, "no-ending", id="compact"),
        pytest.param(GOOD.replace(b"\n", b"\r\n"), Level.COMPLETE, "no-checksums", id="from Windows"),
    ],
)
def test_what_was_left_out_is_no_fault(text: bytes, level: Level, said: str) -> None:
    found = looked_at(text)
    assert (found.level, codes(found)) == (level, {said})


@pytest.mark.parametrize(
    ("names", "name"),
    [
        pytest.param((), "Insurance", id="one, as the header says"),
        pytest.param(("Insurance",), "Insurance", id="one, asked for with --databases"),
        pytest.param(("Insurance", "Payroll"), None, id="two, of which the header names the first"),
        pytest.param(("a`b",), "a`b", id="a name with a quotation mark"),
    ],
)
def test_the_object_is_the_only_database(names: tuple[str, ...], name: str | None) -> None:
    current = b"".join(b"--\n-- Current Database: `%s`\n--\n" % n.replace("`", "``").encode() for n in names)
    found = looked_at(HEAD + current + CREATE + ROWS + GIVES + END)
    assert found.identity is not None
    assert found.identity.object == name


@pytest.mark.parametrize(
    ("middle", "kind"),
    [
        pytest.param(CREATE, CopyKind.PARTIAL, id="tables without rows"),
        pytest.param(ROWS, CopyKind.PARTIAL, id="rows without tables"),
        pytest.param(CREATE + ROWS.partition(b"INSERT")[0], CopyKind.FULL, id="empty tables"),
        pytest.param(b"", CopyKind.FULL, id="an empty database"),
    ],
)
def test_half_a_dump_is_called_partial(middle: bytes, kind: CopyKind) -> None:
    found = looked_at(HEAD + b"--\n" + middle + GIVES + END)
    assert found.identity is not None
    assert found.identity.kind is kind


@given(st.integers(0, len(GOOD) - 1))
def test_no_cut_text_is_complete(length: int) -> None:
    found = looked_at(GOOD[:length])
    assert found.faults or found.format is None


@pytest.mark.parametrize("good", [GOOD, gzip.compress(GOOD)], ids=["text", "gzip"])
@settings(max_examples=80)
@given(data=st.data())
def test_a_mangled_file_is_told_about(good: bytes, data: st.DataObject) -> None:
    assert is_sane(looked_at(mutated(good, data.draw(mutations(len(good))))))

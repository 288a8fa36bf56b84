"""LDIF: every line, every entry, and the two kinds of ends."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.backup.copies import CopyKind
from itops.backup.levels import Level
from itops.formats.ldif import Ldif
from tests.formats.disks.looking import codes, lone, looked
from tests.makers.damages import DAMAGES

TOP = "dn: dc=office,dc=example\nobjectClass: dcObject\ndc: office\nmodifyTimestamp: 20261120203000Z\n\n"
PERSON = """dn: uid=user{n},ou=people,
 dc=office,dc=example
objectClass: person
cn:: {name}
description: a long line that
  was folded
entryCSN: 202611212030{n:02}.000000Z#000000#000#000000

"""
NAME = base64.b64encode("کاربر".encode()).decode()
PEOPLE = "".join(PERSON.format(n=number, name=NAME) for number in range(20))
WHOLE = TOP + PEOPLE
LDAPSEARCH = f"# extended LDIF\n#\n# LDAPv3\n\n{TOP}# search result\nsearch: 2\nresult: 0 Success\n\n# numEntries: 1\n"
LDIFDE = "dn: DC=office,DC=example\r\nchangetype: add\r\nwhenChanged: 20261121203000.0Z\r\nobjectGUID:: AAAA\r\n\r\n"


def test_an_export_is_complete_counted_and_named_by_its_naming_context() -> None:
    found = looked(lone(WHOLE.encode()), Ldif())
    assert (found.format, found.level, codes(found)) == ("ldif", Level.COMPLETE, ["no-checksums"])
    assert found.identity is not None
    assert found.identity.object == "dc=office,dc=example"
    facts = {
        "entries": 21,
        "base64_values": 20,
        "naming_contexts": "dc=office,dc=example",
        "newest_change_at": "2026-11-21T20:30:19+00:00",
        "directory": "openldap",
        "encoding": "utf-8",
    }
    assert facts.items() <= found.identity.facts.items()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_every_encoding_and_line_ending_of_an_exporter(encoding: str, ending: str) -> None:
    found = looked(lone(WHOLE.replace("\n", ending).encode(encoding)), Ldif())
    assert found.level is Level.COMPLETE
    assert found.identity is not None
    assert (found.identity.facts["entries"], found.identity.facts["line_ending"]) == (
        21,
        "LF" if ending == "\n" else "CRLF",
    )


def test_what_ldapsearch_writes_around_the_entries() -> None:
    found = looked(lone(LDAPSEARCH.encode()), Ldif())
    assert found.level is Level.COMPLETE
    assert found.identity is not None
    assert found.identity.facts["entries"] == 1


def test_an_export_of_active_directory() -> None:
    found = looked(lone(LDIFDE.encode("utf-16")), Ldif())
    assert found.identity is not None
    assert (found.identity.kind, found.identity.facts["directory"]) == (CopyKind.FULL, "active-directory")
    assert found.identity.facts["encoding"] == "utf-16-le"


def test_changes_are_no_whole_export() -> None:
    data = WHOLE + "dn: uid=user1,dc=office,dc=example\nchangetype: modify\nreplace: cn\ncn: x\n-\n\n"
    found = looked(lone(data.encode()), Ldif())
    assert found.identity is not None
    assert (found.identity.kind, found.identity.facts["changes"]) == (CopyKind.INCREMENTAL, 1)


def test_entries_of_two_trees_are_two_naming_contexts() -> None:
    data = WHOLE + "dn: DC=other , DC=example\ndc: other\n\n"
    found = looked(lone(data.encode()), Ldif())
    assert found.identity is not None
    assert found.identity.facts["naming_contexts"] == "dc=office,dc=example; DC=other , DC=example"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        pytest.param(WHOLE[:-1], "unfinished", id="no empty line at the end"),
        pytest.param(WHOLE[:-2], "unfinished", id="no end of line at the end"),
        pytest.param(LDAPSEARCH.replace("0 Success", "4 Size limit exceeded"), "export-failed", id="a size limit"),
        pytest.param(LDAPSEARCH.replace("Entries: 1", "Entries: 9"), "entries-missing", id="fewer than counted"),
        pytest.param(WHOLE.replace(NAME, "A", 1), "structure-damaged", id="base64 that is none"),
        pytest.param(WHOLE.replace("\n\ndn", "\ndn", 1), "structure-damaged", id="two entries run together"),
        pytest.param(WHOLE.replace("cn::", "c!n::", 1), "structure-damaged", id="no attribute's name"),
        pytest.param(WHOLE + "cn: x\n\n", "structure-damaged", id="a record without a name"),
        pytest.param(WHOLE.replace("\n", "\r\r\n"), "line-endings", id="carriage returns twice"),
        pytest.param(WHOLE.replace("people", "peo\0le", 1), "structure-damaged", id="a zero"),
        pytest.param("version: 1\n\ndn: x\n", "unfinished", id="one name and no more"),
    ],
)
def test_what_is_wrong(data: str, code: str) -> None:
    assert codes(looked(lone(data.encode()), Ldif())) == [code]


def test_bytes_that_are_no_text_are_noticed_with_their_line() -> None:
    found = looked(lone(WHOLE.encode().replace(b"a long", b"\xff long", 1)), Ldif())
    assert [(fault.code, fault.place) for fault in found.faults] == [("structure-damaged", "line 10")]


def test_half_a_character_at_the_end_was_cut() -> None:
    assert codes(looked(lone(WHOLE.encode("utf-16")[:-1]), Ldif())) == ["cut"]


@pytest.mark.parametrize("head", ["version: 1\nservices:\n", "dnsmasq: x\n", "# only a comment\n", "name: dn: x\n"])
def test_other_texts_are_not_ours(head: str) -> None:
    assert not Ldif().recognises(lone(head.encode()))


EXPECTED = {
    "zero bytes": "empty",
    "cut by 1 byte": "unfinished",
    "cut in half": "unfinished",
    "one bit flipped in the header": "no-checksums",
    "one bit flipped in the middle": "no-checksums",
    "one bit flipped near the end": "no-checksums",
    "4 KiB zeroed in the middle": "structure-damaged",
    "tail zeroed (a quarter)": "structure-damaged",
    "all zeros": "all-zero",
    "junk appended": "structure-damaged",
    "CRLF-mangled": "no-checksums",  # means the same to every reader
    "HTML error page": "html-page",
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damages(damage: str) -> None:
    assert codes(looked(lone(DAMAGES[damage](WHOLE.encode()), "export.ldif"), Ldif()))[0] == EXPECTED[damage]


@given(st.text(alphabet="dn: =,\n\r#ab\0:;<-1é\u200c", max_size=200), st.sampled_from(["utf-8", "utf-16", "latin-1"]))
def test_garbage_is_damage(text: str, encoding: str) -> None:
    looked(lone(("dn: dc=x\n" + text).encode(encoding, "replace")), Ldif())


@given(st.binary(max_size=300))
def test_bytes_are_damage(data: bytes) -> None:
    looked(lone(b"dn: dc=x\n" + data), Ldif())
    looked(lone("dn: dc=x\n".encode("utf-16") + data), Ldif())

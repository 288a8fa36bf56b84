import io
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from itops.bundles.keys import RECEIPT_NAMESPACE, AllowedKey
from itops.bundles.manifest import manifest_bytes
from itops.bundles.objections import WORDS, Objection
from itops.bundles.verification import Checked, Expected, check_bundle, check_files, check_manifest
from tests.bundles.made import NOW, OFFICE, OTHER_KEY, allowed, later, made, signed

MANIFEST, ARCHIVE = made()
BYTES, SIGNATURE = manifest_bytes(MANIFEST), signed(MANIFEST)


def checked(
    data: bytes = BYTES,
    signature: bytes | None = SIGNATURE,
    keys: Sequence[AllowedKey] = (OFFICE,),
    archive: bytes | None = ARCHIVE,
    expected: Expected | None = None,
) -> Checked:
    first = check_manifest(data, signature, keys, NOW, expected)
    return check_bundle(first, None if archive is None else io.BytesIO(archive))


def test_an_honest_bundle_has_nothing_against_it() -> None:
    found = checked(expected=Expected.of_name(MANIFEST.name))
    assert found.is_sound
    assert found.is_authentic
    assert found.manifest == MANIFEST


OTHERS, OTHERS_ARCHIVE = made(office="qazvin")


@pytest.mark.parametrize(
    ("how", "codes"),
    [
        pytest.param({"data": BYTES[:-3]}, ["bundle.manifest-unreadable"], id="a manifest that is cut"),
        pytest.param(
            {"data": manifest_bytes(replace(MANIFEST, sequence=2))},
            ["bundle.signature-wrong"],
            id="a tampered manifest",
        ),
        pytest.param({"signature": None}, ["bundle.signature-missing"], id="no signature"),
        pytest.param({"signature": b"x"}, ["bundle.signature-unreadable"], id="no real signature"),
        pytest.param(
            {"signature": signed(MANIFEST, namespace=RECEIPT_NAMESPACE), "keys": (allowed(),)},
            ["bundle.wrong-namespace"],
            id="signed as something else",
        ),
        pytest.param({"signature": signed(MANIFEST, OTHER_KEY)}, ["bundle.unknown-key"], id="a stranger's key"),
        pytest.param(
            {"data": manifest_bytes(OTHERS), "signature": signed(OTHERS), "archive": OTHERS_ARCHIVE},
            ["bundle.key-of-another"],
            id="in the name of another office",
        ),
        pytest.param({"keys": (allowed(valid_to=NOW),)}, ["bundle.key-expired"], id="at the moment the key ends"),
        pytest.param({"keys": (allowed(valid_from=later(seconds=1)),)}, ["bundle.key-not-yet-valid"], id="too early"),
        pytest.param(
            {"keys": (allowed(namespaces=frozenset({"file"})),)}, ["bundle.unknown-key"], id="a key for files"
        ),
        pytest.param({"expected": Expected(office="qazvin")}, ["bundle.other-office"], id="replayed as another office"),
        pytest.param({"expected": Expected(period="1405-09")}, ["bundle.other-period"], id="replayed as another month"),
        pytest.param({"expected": Expected(sequence=2)}, ["bundle.other-sequence"], id="replayed as a correction"),
        pytest.param({"expected": Expected(sha256="ab" * 32)}, ["bundle.manifest-differs"], id="under another hash"),
        pytest.param({"archive": None}, ["bundle.archive-missing"], id="no archive"),
        pytest.param({"archive": OTHERS_ARCHIVE + b"x"}, ["bundle.archive-differs"], id="something behind the archive"),
    ],
)
def test_what_is_wrong_is_named(how: dict[str, Any], codes: list[str]) -> None:
    found = checked(**how)
    assert [one.code for one in found.objections] == codes
    assert all(one.code in WORDS and "?" not in one.text for one in found.objections)


def test_of_two_overlapping_keys_each_counts_in_its_time() -> None:
    keys = (allowed(valid_to=later(days=1)), allowed(OTHER_KEY, valid_from=later(days=-1)))
    assert checked(keys=keys).is_sound
    assert checked(keys=keys, signature=signed(MANIFEST, OTHER_KEY)).is_sound
    assert not check_manifest(BYTES, SIGNATURE, keys, later(days=2)).is_sound
    assert check_manifest(BYTES, signed(MANIFEST, OTHER_KEY), keys, later(days=2)).is_sound


def test_a_damaged_archive_leaves_the_manifest_its_offices_own_word() -> None:
    found = checked(archive=ARCHIVE[:-1])
    assert found.is_authentic
    assert not found.is_sound


@pytest.mark.parametrize(
    "name", ["", "itops", "itops_a_b_c_d", "itops_alborz_1405-08_0001_xyz", "report.zip", "itops__1_1_1"]
)
def test_a_name_of_another_kind_announces_nothing(name: str) -> None:
    assert Expected.of_name(name) is None


def test_a_name_announces_an_office_with_any_name_it_may_have() -> None:
    manifest, _ = made(office="a_b-c.d_0001")
    assert Expected.of_name(manifest.name) == Expected(office="a_b-c.d_0001", period="1405-08", sequence=1)


def test_files_of_an_unpacked_bundle_are_compared_one_by_one() -> None:
    files = list(MANIFEST.files)
    extra = replace(files[0], name="more")
    swapped = replace(files[1], sha256="ab" * 32)
    assert list(check_files(files, files)) == []
    assert list(check_files(files, [swapped, files[2], extra])) == [
        Objection("bundle.file-missing", {"file": files[0].name}),
        Objection("bundle.file-differs", {"file": files[1].name}),
        Objection("bundle.file-extra", {"file": "more"}),
    ]

"""Whatever the bytes are, an examination ends with an Examination."""

import gzip

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from itops.formats.postgresql.basebackup import PgBasebackup
from itops.formats.postgresql.basebackup_tar import PgBasebackupTar
from itops.formats.postgresql.custom import PgDumpCustom
from itops.formats.postgresql.directory import PgDumpDirectory
from itops.formats.postgresql.plain import PgDumpPlain
from itops.formats.postgresql.tar import PgDumpTar
from tests.formats.looking import examined, far_file, far_folder, is_sane
from tests.formats.mutations import mutated, mutations
from tests.formats.postgresql import made
from tests.formats.postgresql.test_plain import GOOD

FORMATS = (PgDumpCustom(), PgDumpTar(), PgDumpPlain(), PgDumpDirectory(), PgBasebackup(), PgBasebackupTar())
FILES = {
    "custom": made.custom(),
    "custom, bare": made.custom(packing="none"),
    "custom, zstd": made.custom(version=(1, 16), packing="zstd"),
    "tar": made.tar(),
    "plain": GOOD,
    "plain, gzip": gzip.compress(GOOD),
}
FOLDERS = {
    "directory": (made.directory(), ("toc.dat", "3.dat.gz", "blobs.toc")),
    "base": (made.base_backup(), ("backup_manifest", "backup_label", made.WAL_NAME)),
    "base, tar": (made.base_backup_tar(), ("backup_manifest", "base.tar", "pg_wal.tar")),
}


@pytest.mark.parametrize("name", FILES)
@settings(max_examples=80)
@given(data=st.data())
def test_a_mangled_file_is_told_about(name: str, data: st.DataObject) -> None:
    good = FILES[name]
    mangled = mutated(good, data.draw(mutations(len(good))))
    assert is_sane(examined(far_file(mangled, "x.dump"), *FORMATS))


@pytest.mark.parametrize("name", FOLDERS)
@settings(max_examples=60)
@given(data=st.data())
def test_a_mangled_folder_is_told_about(name: str, data: st.DataObject) -> None:
    good, victims = FOLDERS[name]
    victim = data.draw(st.sampled_from(victims))
    mangled = mutated(good[victim], data.draw(mutations(min(len(good[victim]), 30_000))))
    assert is_sane(examined(far_folder({**good, victim: mangled}), *FORMATS))


@settings(max_examples=200)
@given(
    st.sampled_from([b"PGDMP\x01\x0e\x00\x04\x08\x01", made.header(), made.tar()[:600], GOOD[:200]]),
    st.binary(max_size=3000),
)
def test_any_bytes_after_a_good_beginning_are_told_about(start: bytes, rest: bytes) -> None:
    assert is_sane(examined(far_file(start + rest, "x.dump"), *FORMATS))


def test_a_length_of_gigabytes_reserves_nothing() -> None:
    data = made.header() + made.integer(1) + made.integer(1) + made.integer((1 << 31) - 1) + b"x" * 5000
    assert is_sane(examined(far_file(data, "x.dump"), *FORMATS))

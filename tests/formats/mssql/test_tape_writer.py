"""The writer of simulated backups: the same each time, and as large as it was told."""

from dataclasses import replace

import pytest

from itops.demo.tape_writer import write_tape
from tests.formats.mssql.tapes import FULL, LOG, blocks_of, stripes_of, tape_of


def test_equal_backups_give_equal_bytes(tmp_path):
    for name in ("one.bak", "two.bak"):
        write_tape([tmp_path / name], FULL, LOG)
    assert (tmp_path / "one.bak").read_bytes() == (tmp_path / "two.bak").read_bytes()


def test_another_database_gives_other_bytes():
    assert tape_of(FULL) != tape_of(replace(FULL, database="Payroll"))


@pytest.mark.parametrize("data_bytes", [8192, 1 << 20, 12 << 20])
def test_the_size_is_as_told(data_bytes):
    assert 0 <= len(tape_of(replace(FULL, data_bytes=data_bytes))) - data_bytes - FULL.log_bytes < 16 << 10


def test_the_order_of_blocks_is_that_of_real_files():
    kinds = [block.kind.decode() for block in blocks_of(tape_of(FULL))]
    assert kinds == ["TAPE", "SFMB", "SSET", "VOLB", "MSCI", "MSDA", "MSTL", "MSLS", "SFMB", "ESET", "ESET", "SFMB"]
    assert "MSDA" not in [block.kind.decode() for block in blocks_of(tape_of(LOG))]


def test_stripes_share_the_pages_between_them():
    sizes = [len(stripe) for stripe in stripes_of(replace(FULL, data_bytes=1 << 20), stripes=4)]
    assert max(sizes) - min(sizes) <= FULL.log_bytes + 1024

"""CRC-32C of many rows at once is that of each row."""

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.formats.crc32c import crc32c
from itops.formats.mysql.crc_rows import crc32c_rows


@given(st.integers(1, 40), st.integers(1, 5000), st.integers(0, 2**32 - 1))
def test_rows_have_the_sum_of_each(count: int, length: int, seed: int) -> None:
    rows = numpy.random.default_rng(seed).integers(0, 256, (count, length), dtype=numpy.uint8)
    assert crc32c_rows(rows).tolist() == [crc32c(row.tobytes()) for row in rows]


@pytest.mark.parametrize("length", [1022, 4092, 8188, 16380, 65532])
def test_rows_as_long_as_pages_have_the_sum_of_each(length: int) -> None:
    rows = numpy.random.default_rng(length).integers(0, 256, (3, length), dtype=numpy.uint8)
    assert crc32c_rows(rows).tolist() == [crc32c(row.tobytes()) for row in rows]

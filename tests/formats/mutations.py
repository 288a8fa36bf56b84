"""Random small damage for property tests."""

from collections.abc import Sequence

from hypothesis import strategies as st

Change = tuple[str, int, int, bytes]
_KINDS = ("flip", "cut", "insert", "zero", "double", "number")


def mutations(size: int) -> st.SearchStrategy[list[Change]]:
    """One to four changes, aimed at both ends as well."""
    places = st.one_of(st.integers(0, size), st.integers(0, min(size, 200)), st.integers(max(0, size - 400), size))
    change = st.tuples(st.sampled_from(_KINDS), places, st.integers(1, 600), st.binary(min_size=1, max_size=9))
    return st.lists(change, min_size=1, max_size=4)


def mutated(data: bytes, changes: Sequence[Change]) -> bytes:
    """The data after these changes."""
    for kind, place, length, new in changes:
        before, piece, after = data[:place], data[place : place + length], data[place + length :]
        if kind == "flip":
            piece = bytes([piece[0] ^ 1 << length % 8]) + piece[1:] if piece else piece
        elif kind == "cut":
            piece = b""
        elif kind == "insert":
            piece = new + piece
        elif kind == "zero":
            piece = bytes(len(piece))
        elif kind == "double":
            piece += piece
        else:
            piece = new + piece[len(new) :]
        data = before + piece + after
    return data

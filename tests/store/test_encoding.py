"""Documents as bytes."""

from hypothesis import given
from hypothesis import strategies as st

from itops.store.encoding import canonical, fingerprint, packed, storable, unpacked

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
PROPERTIES = st.dictionaries(st.text(st.characters()), VALUES, max_size=6)


@given(PROPERTIES)
def test_every_document_comes_back_as_it_was(properties: dict[str, object]) -> None:
    assert unpacked(packed(canonical(properties))) == properties


@given(PROPERTIES)
def test_the_order_of_properties_does_not_change_the_hash(properties: dict[str, object]) -> None:
    turned = dict(reversed(properties.items()))
    assert fingerprint(canonical(turned)) == fingerprint(canonical(properties))


def test_half_a_surrogate_pair_comes_back_as_it_was() -> None:
    assert unpacked(packed(canonical({"name": "half \ud800"}))) == {"name": "half \ud800"}


def test_the_ref_counts_and_cannot_be_mistaken_for_the_document() -> None:
    assert len({fingerprint(b"{}"), fingerprint(b"{}", "vm-1"), fingerprint(b"{}", "vm-2")}) == 3


@given(st.text(st.characters()))
def test_stored_text_holds_nothing_an_engine_refuses(text: str) -> None:
    assert "\0" not in storable(text)
    assert len(storable(text).encode()) >= len(text)

"""The same file with other data: what need not change stays, byte for byte."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from itops.config.surgery.splices import Patched, patched
from itops.config.yaml import loads
from tests.config.register.writing import KEYS, WORDS, files, roots, trees


@st.composite
def changed(draw: Any, tree: Any) -> Any:
    """The tree with a few things set, put in or taken out."""
    if isinstance(tree, dict):
        kept = {key: draw(changed(held)) for key, held in tree.items() if draw(st.integers(0, 9))}
        new = draw(st.dictionaries(KEYS, trees(1), max_size=2)) if draw(st.booleans()) else {}
        pairs = list({**new, **kept}.items()) if draw(st.booleans()) else list({**kept, **new}.items())
        return {key: kept.get(key, value) for key, value in pairs}
    if isinstance(tree, list):
        items = [draw(changed(held)) for held in tree if draw(st.integers(0, 9))]
        if draw(st.integers(0, 4)) == 0:
            items.insert(draw(st.integers(0, len(items))), draw(trees(1)))
        return items
    return draw(WORDS) if draw(st.integers(0, 4)) == 0 else tree


def outside(patch: Patched) -> bool:
    """Whether everything between the splices stands in the new text, in its order."""
    at, old, new = 0, patch.old.text, patch.new.text
    position = 0
    for splice in patch.splices:
        kept = old[at : splice.start] if splice.start > at else ""
        if not new.startswith(kept, position):
            return False
        position += len(kept)
        if not new.startswith(splice.text, position):
            return False
        position += len(splice.text)
        at = max(at, splice.end)
    return new[position:] == old[at:]


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_whatever_the_style_the_data_become_what_is_wanted_and_the_rest_stays(data):
    tree = {**data.draw(roots()), "assets": "0"}
    text = data.draw(files(tree))
    document = loads(text)
    assert document.texts == tree
    wanted = {**data.draw(changed(tree)), "assets": "0"}
    patch = patched(document, wanted)
    assert patch.new.texts == wanted
    assert outside(patch)

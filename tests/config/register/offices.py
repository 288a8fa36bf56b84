"""Random registers as people write them, and random edits of them."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from itops.assets.edits import AddAsset, AddEntry, Edit, SetField, SetList
from tests.config.register.writing import Writer

SITES = ("head-office", "fardis")
TEXTS = st.sampled_from(
    ["اتاق سرور، رک ۱", "12V 42Ah", "0123456", "12E5", "10:30", "it's", "a # b", "x: y", "null", "- 3", "[1]", "no"]
) | st.text(alphabet="abجد۱۲ .,:#'\"[]{}-_/", min_size=1, max_size=12).filter(lambda text: text.strip())
DAYS = st.sampled_from(["1402-05-20", "2023-08-11", "۱۴۰۳/۰۱/۰۵", "1403-12-30"])
PLAIN = ("location", "department", "assigned_to", "host_name", "it_code", "seal", "vendor", "model", "note")


@st.composite
def assets(draw: Callable[..., Any], number: int) -> dict[str, Any]:
    """The texts of one valid asset, keys not always in our order; nothing that must be unique but the id."""
    asset: dict[str, Any] = {"id": f"PC-{number:03}", "kind": "computer"}
    asset["name"] = draw(TEXTS | st.fixed_dictionaries({"fa": TEXTS, "en": TEXTS}))
    asset["site"] = draw(st.sampled_from(SITES))
    for key in PLAIN:
        if draw(st.booleans()):
            asset[key] = draw(TEXTS)
    if draw(st.booleans()):
        asset["purchase"] = {"date": draw(DAYS), **({"price": "217000000"} if draw(st.booleans()) else {})}
    if draw(st.booleans()):
        asset["parts"] = [{"kind": "monitor", "size": draw(TEXTS)} for _ in range(draw(st.integers(1, 3)))]
    if draw(st.booleans()):
        asset["lock"] = draw(st.lists(st.sampled_from(["serial", "model", "vendor"]), min_size=1, unique=True))
    first, *others = asset
    return {key: asset[key] for key in [first, *draw(st.permutations(others))]}


@st.composite
def registers(draw: Callable[..., Any]) -> tuple[dict[str, Any], bytes]:
    """The texts of a register and one way of writing them: comments, both styles, CRLF, a byte order mark."""
    numbers = draw(st.lists(st.integers(1, 40), min_size=1, max_size=4, unique=True))
    tree = {"sites": {"head-office": "اداره کل", "fardis": "فردیس"}}
    tree["assets"] = [draw(assets(number)) for number in sorted(numbers)]  # type: ignore[assignment]
    text = Writer(draw).block(tree, 0)
    if draw(st.booleans()):
        text = text.rstrip("\n")
    if draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    return tree, (b"\xef\xbb\xbf" if draw(st.booleans()) else b"") + text.encode()


@st.composite
def edits(draw: Callable[..., Any], tree: dict[str, Any]) -> list[Edit]:
    """A few edits of any sort that leave the register valid."""
    ids = [asset["id"] for asset in tree["assets"]]
    made: list[Edit] = []
    for _ in range(draw(st.integers(1, 6))):
        asset_id = draw(st.sampled_from(ids))
        sort = draw(st.integers(0, 7))
        if sort < 3:
            value = draw(TEXTS | st.none())
            made.append(SetField(asset_id=asset_id, field=draw(st.sampled_from(PLAIN)), value=value))
        elif sort == 3:
            made.append(SetField(asset_id=asset_id, field="name.en", value=draw(TEXTS)))
        elif sort == 4:
            made += [
                SetField(asset_id=asset_id, field="purchase.date", value=draw(DAYS)),
                SetField(asset_id=asset_id, field="purchase.supplier", value=draw(TEXTS)),
            ]
        elif sort == 5:
            values = draw(st.lists(st.sampled_from(["serial", "model", "vendor"]), unique=True))
            made.append(SetList(asset_id=asset_id, field="lock", values=tuple(values)))
        elif sort == 6:
            fields = {"kind": "disk", "note": draw(TEXTS)}
            made.append(AddEntry(asset_id=asset_id, field="parts", fields=fields))
        else:
            new = f"PC-{draw(st.integers(41, 99)) if draw(st.booleans()) else 0:03}"
            if new not in ids:
                ids.append(new)
                fields = {"note": draw(TEXTS), "kind": "printer", "name.fa": "چاپگر", "name.en": "x", "site": "fardis"}
                made.append(AddAsset(asset_id=new, fields=fields))
    return made

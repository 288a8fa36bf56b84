import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.bundles.keys import BUNDLE_NAMESPACE
from itops.bundles.objections import Objection
from itops.bundles.receipts import (
    NotAReceipt,
    Receipt,
    ReceiptState,
    check_receipt,
    read_receipt,
    receipt_bytes,
    write_receipt,
)
from itops.bundles.sshsig import sign
from tests.bundles.made import HEADQUARTERS, HUB_KEY, NOW, OTHER_KEY, allowed

RECEIPT = Receipt(
    bundle="ab" * 32,
    office="alborz",
    period="1405-08",
    sequence=1,
    state=ReceiptState.REJECTED,
    at=NOW,
    by="ستاد",
    reasons=(Objection("bundle.file-differs", {"file": "گزارش.pdf"}), Objection("of.tomorrow", {})),
)
RAW = write_receipt(RECEIPT, HUB_KEY)


def test_a_receipt_comes_back_as_it_was_written() -> None:
    assert check_receipt(RAW, (HEADQUARTERS,), NOW) == (RECEIPT, ())
    assert RECEIPT.reasons[1].text == "of.tomorrow"


@pytest.mark.parametrize(
    ("raw", "keys", "code"),
    [
        pytest.param(b"", (HEADQUARTERS,), "receipt.unreadable", id="nothing"),
        pytest.param(RAW[:100], (HEADQUARTERS,), "receipt.unreadable", id="cut"),
        pytest.param(b"x" * 100_000, (HEADQUARTERS,), "receipt.unreadable", id="too long"),
        pytest.param(RAW.partition(b"\n")[0] + b"\n", (HEADQUARTERS,), "receipt.signature-unreadable", id="unsigned"),
        pytest.param(RAW.replace(b"rejected", b"accepted"), (HEADQUARTERS,), "receipt.signature-wrong", id="forged"),
        pytest.param(write_receipt(RECEIPT, OTHER_KEY), (HEADQUARTERS,), "receipt.unknown-key", id="a stranger's"),
        pytest.param(RAW, (), "receipt.unknown-key", id="no key is known"),
        pytest.param(RAW, (allowed(HUB_KEY, "hq", valid_to=NOW),), "receipt.key-expired", id="an old key"),
        pytest.param(
            receipt_bytes(RECEIPT) + sign(receipt_bytes(RECEIPT), HUB_KEY, BUNDLE_NAMESPACE).encode(),
            (allowed(HUB_KEY, "hq"),),
            "receipt.wrong-namespace",
            id="signed as a bundle",
        ),
    ],
)
def test_what_does_not_count_is_named(raw: bytes, keys: tuple[object, ...], code: str) -> None:
    _, objections = check_receipt(raw, keys, NOW)  # type: ignore[arg-type]
    assert [one.code for one in objections] == [code]


@pytest.mark.parametrize(
    "change",
    [{"schema": "x"}, {"bundle": "x"}, {"office": ""}, {"by": 7}, {"sequence": "1"}, {"state": "maybe"}, {"at": "now"},
     {"reasons": 7}, {"reasons": ["x"]}, {"reasons": [{"code": "x"}]}, {"reasons": {"a": 1}}, {"period": "x" * 1000}],
)  # fmt: skip
def test_what_no_receipt_says_is_refused(change: dict[str, object]) -> None:
    plain = json.loads(RAW.partition(b"\n")[0]) | change
    with pytest.raises(NotAReceipt):
        read_receipt(json.dumps(plain).encode() + b"\n")


@given(st.binary(max_size=300))
def test_garbage_is_no_receipt(garbage: bytes) -> None:
    assert check_receipt(garbage, (HEADQUARTERS,), NOW)[1]


def test_a_receipt_with_endless_reasons_stays_short() -> None:
    many = replace(RECEIPT, reasons=tuple(Objection("bundle.file-differs", {"file": "x" * 9_000}) for _ in range(900)))
    raw = write_receipt(many, HUB_KEY)
    assert check_receipt(raw, (HEADQUARTERS,), NOW)[1] == ()
    assert len(read_receipt(raw).reasons) == 50

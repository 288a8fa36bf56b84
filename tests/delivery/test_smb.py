"""SMB settings, and servers that mean harm."""

import struct
import tracemalloc

import pytest

from itops.delivery.smb import SmbSettings, SmbTarget
from itops.errors import SourceUnavailable
from itops.secrets import Secret
from tests.delivery.raw_server import RawServer


@pytest.mark.parametrize(
    ("share", "path", "words"),
    [
        ("drop/reports", "", "share"),
        ("drop\\reports", "", "share"),
        ("drop", "a/../../b", "path"),
        ("drop", "..", "path"),
    ],
)
def test_settings_that_cannot_work_are_said(share: str, path: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        SmbSettings(host="drop.example", share=share, path=path, username="office", password=Secret("canary"))


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        struct.pack(">I", 0xFFFFFFFF) + b"\xfeSMB",
        struct.pack(">I", 64) + b"\xfeSMB" + bytes(60),
        struct.pack(">I", 64) + b"\xfdSMB" + bytes(60),
        struct.pack(">I", 4) + b"\xfeSMB",
        struct.pack(">I", 200) + bytes(200),
    ],
    ids=["nothing", "http", "4 GiB", "empty header", "encrypted", "short", "zeros"],
)
def test_what_is_no_smb_is_an_error_we_can_explain_and_fills_no_memory(answer: bytes) -> None:
    pytest.importorskip("smbprotocol")
    with RawServer(lambda _: answer) as server:
        settings = SmbSettings(
            host="127.0.0.1", port=server.port, share="drop", username="office", password=Secret("c"), timeout_seconds=2
        )
        tracemalloc.start()
        try:
            with pytest.raises(SourceUnavailable):
                SmbTarget("headquarters", settings).receipts(["ab" * 32])
            assert tracemalloc.get_traced_memory()[1] < 64 << 20
        finally:
            tracemalloc.stop()

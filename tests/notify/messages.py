"""Messages full of names, and what of them may never leave the office."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from itops.alerts.channels import Message, MessageLine
from itops.alerts.records import EventKind
from itops.verdict import State

MADE_AT = datetime(2026, 11, 20, 17, 34, 5, 120_000, tzinfo=UTC)
SUMMARY = "۲ مورد پشتیبان‌گیری نیازمند رسیدگی است؛ مهلت ۱۴۰۵-۰۸-۳۰، گزارش ۱۴۰۵-۰۸ 🔥"
TITLE = "پشتیبان‌گیری «بیمه» عقب افتاده است 🧯"
TEXT = "آخرین نسخهٔ سالم \u2068insurance-db\u2069 سه روز پیش گرفته شد؛ می‌شود دوباره کوشید 👩‍💻"
NAMED = (
    "insurance-db",
    "SQL01",
    "Insurance",
    "10.20.30.41",
    "SN-7781-QX",
    "vol1",
    "seal-0099",
    "خانم نمونه",
    "بیمه",
    "TKN-THREAD",
    "TKN-ID",
    "alborz",
)
"""Names of servers, people, an office; an address, a serial number, a path, a seal: the deny-list."""

LINE = MessageLine(
    state=State.CRITICAL,
    subject="insurance-db SQL01/Insurance",
    text=TEXT,
    owner="خانم نمونه",
    since=datetime(2026, 11, 17, 12, 0, tzinfo=UTC),
)
OTHER = MessageLine(
    state=State.WARNING, subject="10.20.30.41", text="دستگاه SN-7781-QX، مسیر /vol1/dump، پلمب seal-0099"
)
MESSAGE = Message(
    id="TKN-ID insurance-db 7",
    thread="TKN-THREAD backup insurance-db",
    kind=EventKind.OPENED,
    state=State.CRITICAL,
    office="alborz",
    language="fa",
    title=TITLE,
    summary=SUMMARY,
    lines=(LINE, OTHER),
    made_at=MADE_AT,
    report="1405-08",
    references=("TKN-ID insurance-db 5", "TKN-ID insurance-db 6"),
)
NASTY = "a\r\nBcc: x@y.example\r\n\r\n<b>&\"\\]}{text}{to}'`$(id);\x00\x1b[31m\u202e|\udc80 %s"
HOSTILE = replace(
    MESSAGE,
    id=NASTY,
    thread=NASTY,
    office=NASTY,
    title=NASTY,
    summary=NASTY,
    report=NASTY,
    lines=(replace(LINE, subject=NASTY, text=NASTY, owner=NASTY),),
    references=(NASTY,),
)


def message(**changed: Any) -> Message:
    return replace(MESSAGE, **changed)

"""The HTML of a mail: one table, all styles inline, nothing fetched. Mail programs know little of HTML.

Direction stands on every level, as some programs throw away `html` and `body` and keep what is inside.
"""

from html import escape

from itops.alerts.channels import Message, MessageLine
from itops.notify.plain_text import one_line
from itops.notify.wording import details, ending, state_word
from itops.reports.words import Words
from itops.verdict import State

_COLOURS = {State.OK: "#1a7f37", State.WARNING: "#9a6700", State.CRITICAL: "#b3261e", State.UNKNOWN: "#57606a"}
_FONT = "font-family:Vazirmatn,Tahoma,'Segoe UI',Arial,sans-serif;font-size:15px;line-height:1.6;color:#1f2328"
_CELL = "padding:6px 10px;border-bottom:1px solid #d0d7de;vertical-align:top"


def as_html(message: Message, words: Words) -> str:
    """A whole page."""
    direction, side = ("rtl", "right") if message.language == "fa" else ("ltr", "left")
    towards = f'dir="{direction}" style="direction:{direction};text-align:{side};{_FONT}"'
    rows = "\n".join(_row(message, line, words, side) for line in message.lines)
    table = f'<table dir="{direction}" style="border-collapse:collapse;{_FONT}">\n{rows}\n</table>\n' if rows else ""
    summary = f"<p>{_safe(message.summary)}</p>\n" if message.summary != message.title else ""
    last = "<br>\n".join(escape(text) for text in ending(message, words))
    return (
        f'<!DOCTYPE html>\n<html lang="{message.language}" dir="{direction}">\n'
        f'<head><meta charset="utf-8"><title>{_safe(message.title)}</title></head>\n'
        f'<body dir="{direction}">\n<div lang="{message.language}" {towards}>\n'
        f'<p style="font-weight:bold;font-size:17px;color:{_COLOURS[message.state]}">{_safe(message.title)}</p>\n'
        f"{summary}{table}"
        f'<p style="color:#57606a;font-size:13px">{last}</p>\n</div>\n</body>\n</html>\n'
    )


def _row(message: Message, line: MessageLine, words: Words, side: str) -> str:
    aside = "".join(f'<br><span style="color:#57606a">{escape(text)}</span>' for text in details(message, line, words))
    cell = f'<td style="{_CELL};text-align:{side}'
    return (
        f'<tr>{cell};color:{_COLOURS[line.state]};font-weight:bold">{escape(state_word(line, words))}</td>'
        # A name is written in its own direction, whatever is around it.
        f'{cell}"><bdi dir="auto">{_safe(line.subject)}</bdi></td>{cell}">{_safe(line.text)}{aside}</td></tr>'
    )


def _safe(text: str) -> str:
    return escape(one_line(text))

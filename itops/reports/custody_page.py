"""A receipt laid out: as plain text, or as one page of HTML without anything from outside.

Values are escaped here; hashes and numbers keep their direction inside a Persian page.
"""

from collections.abc import Iterator, Sequence
from html import escape

from itops.reports.custody_receipt import LINE, Field, Receipt


def receipt_text(receipt: Receipt) -> str:
    """As plain text, for a printer that knows nothing else."""
    return "\n".join(_text_lines(receipt)) + "\n"


def _text_lines(receipt: Receipt) -> Iterator[str]:
    yield receipt.title
    yield from filter(None, (receipt.office, receipt.draft))
    yield ""
    yield from (f"{field.name}: {field.value}" for field in receipt.fields)
    yield ""
    yield receipt.content
    if receipt.lines:
        yield " | ".join(receipt.headings)
    yield from (" | ".join(line) for line in receipt.lines)
    yield receipt.total
    yield ""
    yield from (f"{field.name}: {field.value}" for field in receipt.manifest)
    yield receipt.check
    yield receipt.register
    name, signature, moment = receipt.labels
    for role, person in receipt.signatures:
        yield ""
        yield f"{role}  {name}: {person or LINE}"
        yield f"{signature}: {LINE}  {moment}: {LINE}"
    yield ""
    yield receipt.printed


_STYLE = """
@page { size: A4; margin: 14mm }
body { font: 10pt/1.45 Vazirmatn, "B Nazanin", Tahoma, "DejaVu Sans", sans-serif; color: #000; margin: 0 }
h1 { font-size: 14pt; margin: 0 0 2mm } h2 { font-size: 11pt; margin: 4mm 0 1mm }
p { margin: 1mm 0 } .draft { border: 1px solid #000; padding: 1mm 3mm; font-weight: bold }
dl { display: grid; grid-template-columns: max-content 1fr max-content 1fr; gap: .5mm 4mm; margin: 0 }
dt { font-weight: bold } dd { margin: 0; overflow-wrap: anywhere }
table { border-collapse: collapse; width: 100%; font-size: 8pt }
th, td { border: 1px solid #888; padding: .5mm 1.5mm; text-align: start; vertical-align: top; overflow-wrap: anywhere }
bdi, .code { unicode-bidi: isolate } .code { direction: ltr; font-family: "DejaVu Sans Mono", Consolas, monospace }
.hash { font-size: 9pt; overflow-wrap: anywhere } .sign td { height: 15mm } .small { font-size: 8pt }
table, .sign { break-inside: avoid }
"""


def receipt_html(receipt: Receipt) -> str:
    """As one HTML page without anything from outside: no script, no picture, no font to fetch."""
    direction = "rtl" if receipt.language == "fa" else "ltr"
    return (
        f'<!DOCTYPE html>\n<html lang="{receipt.language}" dir="{direction}">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{escape(receipt.title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        + "\n".join(_html_parts(receipt))
        + "\n</body>\n</html>\n"
    )


def _html_parts(receipt: Receipt) -> Iterator[str]:
    yield f"<h1>{escape(receipt.title)}</h1>"
    if receipt.office:
        yield f"<p>{escape(receipt.office)}</p>"
    if receipt.draft:
        yield f'<p class="draft">{escape(receipt.draft)}</p>'
    yield f"<dl>{_html_fields(receipt.fields)}</dl>"
    yield f"<h2>{escape(receipt.content)}</h2>"
    if receipt.lines:
        head = "".join(f"<th>{escape(heading)}</th>" for heading in receipt.headings)
        rows = "".join(f"<tr>{''.join(map(_html_cell, line))}</tr>" for line in receipt.lines)
        yield f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    yield f"<p>{escape(receipt.total)}</p>"
    for field in receipt.manifest:
        yield f'<p><b>{escape(field.name)}</b>: <span class="code hash">{escape(field.value)}</span></p>'
    yield f'<p class="small">{escape(receipt.check)}</p>'
    yield f'<p class="small hash">{escape(receipt.register)}</p>'
    yield _html_signatures(receipt)
    yield f'<p class="small">{escape(receipt.printed)}</p>'


def _html_fields(fields: Sequence[Field]) -> str:
    return "".join(
        f"<dt>{escape(field.name)}</dt><dd>{_html_value(field.value, is_code=field.is_code)}</dd>" for field in fields
    )


def _html_value(value: str, *, is_code: bool) -> str:
    if is_code:
        return f'<span class="code">{escape(value)}</span>'
    if "\u2068" in value:  # its parts are isolated already; bdi would turn the whole line after the first of them
        return escape(value)
    return f"<bdi>{escape(value)}</bdi>"


def _html_cell(value: str) -> str:
    return f"<td><bdi>{escape(value)}</bdi></td>"


def _html_signatures(receipt: Receipt) -> str:
    name, signature, moment = receipt.labels
    head = f"<th></th><th>{escape(name)}</th><th>{escape(signature)}</th><th>{escape(moment)}</th>"
    rows = "".join(
        f"<tr><th>{escape(role)}</th><td><bdi>{escape(person)}</bdi></td><td></td><td></td></tr>"
        for role, person in receipt.signatures
    )
    return f'<table class="sign"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'

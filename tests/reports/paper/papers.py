"""Papers for the tests of the writers: one of each block, in both languages, of a fictional office."""

from datetime import UTC, date, datetime

from itops.reports.paper.model import (
    Bars,
    Block,
    Bullets,
    CalendarCell,
    CalendarRow,
    Cell,
    Column,
    FactList,
    Heading,
    HeatMap,
    IndicatorRow,
    Indicators,
    Line,
    Mark,
    PageBreak,
    Paper,
    Paragraph,
    Row,
    Signature,
    Signatures,
    Span,
    Table,
    code,
    text,
)

MADE_AT = datetime(2026, 11, 22, 8, 30, tzinfo=UTC)

BIDI_ROWS: tuple[tuple[str, ...], ...] = (
    ("2024-07-22",),
    ("00:50:56:AB:CD:EF",),
    ("-12", "+5"),
    ("5–10",),
    ("C++", ".vmx", "C:\\a b\\"),
    ("itops 0.3.0",),
)
"""What turns round beside Persian words unless it is isolated: a day, an address, signs, a range, names, a phrase."""

HOSTILE_NAMES = ('#import "x"', "]", "$1^2$", "*b* _i_", "\\u{41}", "<script>", "=1+1", "{{x}}", '"', "@a //c /*")
"""Names that a careless writer reads as markup, a formula or an instruction."""

_PERSIAN_DIGITS = str.maketrans("0123456789.,%", "۰۱۲۳۴۵۶۷۸۹٫٬٪")


def numeral(language: str, number: str) -> str:
    """A number in words of the language."""
    return number.translate(_PERSIAN_DIGITS) if language == "fa" else number


def sample_paper(language: str) -> Paper:
    """A short monthly report with every kind of block and every mark."""
    return Paper(
        language=language,
        title=_either(language, "گزارش فنی ماهانه", "Monthly technical report"),
        subtitle=_either(language, "اداره کل البرز، آبان ۱۴۰۵", "Alborz office, Aban 1405"),
        cover=(
            text(_either(language, "گزارش فنی ماهانه", "Monthly technical report")),
            text(_either(language, "اداره کل البرز", "Alborz office")),
            text(_either(language, "اداره فناوری اطلاعات", "Department of information technology")),
            text(_either(language, "آبان ۱۴۰۵", "Aban 1405")),
            code("2026-10-23 – 2026-11-21"),
        ),
        blocks=(
            *_first_page(language),
            PageBreak(),
            *_exceptions(language),
            *_servers(language),
            *_backups(language),
            *_texts(language),
            Signatures(signatures=_signatures(language)),
        ),
        footer=(
            Span(_either(language, "ساخته شده با ", "Made by ")),
            Span("itops 0.3.0", is_code=True),
            Span(_either(language, "، اثر داده‌ها ", ", facts ")),
            Span("sha256:3f9a1c2b7d40", is_code=True),
        ),
        page_of=_either(language, "صفحهٔ {page} از {pages}", "Page {page} of {pages}"),
        made_at=MADE_AT,
        author=_either(language, "اداره کل البرز", "Alborz office"),
        words=(
            ("contents", _either(language, "فهرست", "Contents")),
            ("continued", _either(language, "ادامه", "continued")),
        ),
    )


def table_paper(language: str, rows: int, *, is_annex: bool = True) -> Paper:
    """A paper that is one table of ten columns and many rows: for measuring, and for repeated headings."""
    kinds = ("code", "text", "code", "code", "number", "number", "number", "percent", "day", "text")
    columns = tuple(
        Column(title=_either(language, f"ستون {kind}", f"{kind} {place}"), weight=1 + place % 3, kind=kind)
        for place, kind in enumerate(kinds)
    )
    table = Table(
        title=_either(language, "همهٔ سرورها", "All servers"),
        columns=columns,
        rows=tuple(_wide_row(language, number) for number in range(rows)),
        id="all-servers",
        is_annex=is_annex,
    )
    heading = Heading(level=1, title=_either(language, "پیوست", "Annex"), id="annex")
    whole = sample_paper(language)
    return Paper(
        language=language,
        title=whole.title,
        subtitle=whole.subtitle,
        cover=(),
        blocks=(heading, table),
        footer=whole.footer,
        page_of=whole.page_of,
        made_at=MADE_AT,
    )


def _either(language: str, persian: str, english: str) -> str:
    return persian if language == "fa" else english


def _first_page(language: str) -> tuple[Block, ...]:
    return (
        Heading(level=1, title=_either(language, "وضعیت ماه", "The month at a glance"), id="verdict"),
        Paragraph(
            line=text(
                _either(
                    language,
                    "نیازمند رسیدگی: ۳ مورد؛ یکی از آن‌ها سه ماه است که باز مانده است.",
                    "Needs attention: 3 items; one of them has been open for three months.",
                )
            ),
            role="lead",
            mark=Mark.BAD,
        ),
        Paragraph(
            line=(
                Span(_either(language, "پشتیبان پایگاه دادهٔ ", "The backup of ")),
                Span("sql01/Insurance", is_code=True),
                Span(_either(language, " در تاریخ ", " of ")),
                Span("2026-11-03", is_code=True),
                Span(_either(language, " ساخته نشد و هنوز جبران نشده است.", " was not made and is still missing.")),
            ),
            role="statement",
        ),
        FactList(
            facts=(
                (_either(language, "دوره", "Period"), code("1405-08")),
                (_either(language, "اداره", "Office"), text(_either(language, "اداره کل البرز", "Alborz office"))),
                (_either(language, "نسخهٔ ابزار", "Tool"), code("itops 0.3.0")),
                (_either(language, "ارجاع", "Reference"), ()),
            )
        ),
        Indicators(
            headings=(
                _either(language, "شاخص", "Indicator"),
                _either(language, "اکنون", "Now"),
                _either(language, "هدف", "Target"),
                _either(language, "ماه پیش", "Last month"),
                _either(language, "تغییر", "Change"),
                _either(language, "روند", "Trend"),
                _either(language, "وضعیت", "State"),
            ),
            rows=_indicator_rows(language),
        ),
        Paragraph(
            line=text(
                _either(
                    language,
                    "روند از ماه کهنه به نو خوانده می‌شود؛ خط تیره یعنی دانسته نیست.",
                    "Trends run from the oldest month to the newest; a dash means that it is not known.",
                )
            ),
            role="note",
        ),
    )


def _indicator_rows(language: str) -> tuple[IndicatorRow, ...]:
    months = ("1405-03", "1405-04", "1405-05", "1405-06", "1405-07", "1405-08")
    return (
        IndicatorRow(
            name=_either(language, "پشتیبان‌های روزانهٔ سالم", "Daily backups that are sound"),
            now=Cell(line=text(numeral(language, "84.2%")), value=0.842),
            target=Cell(line=text(numeral(language, "95%")), value=0.95),
            before=Cell(line=text(numeral(language, "94.1%")), value=0.941),
            change=Cell(line=code("-9.9"), value=-0.099),
            mark=Mark.BAD,
            state=_either(language, "بحرانی", "Critical"),
            trend=(0.97, 0.96, None, 0.95, 0.941, 0.842),
            trend_labels=months,
            trend_texts=tuple(numeral(language, one) for one in ("97%", "96%", "-", "95%", "94.1%", "84.2%")),
            ceiling=1.0,
        ),
        IndicatorRow(
            name=_either(language, "سرورهای دارای مالک", "Servers with an owner"),
            now=Cell(line=text(numeral(language, "26")), value=26),
            target=Cell(line=text(numeral(language, "27")), value=27),
            before=Cell(line=text(numeral(language, "25")), value=25),
            change=Cell(line=code("+1"), value=1),
            mark=Mark.NOTICE,
            state=_either(language, "هشدار", "Warning"),
            trend=(20.0, 22.0, 22.0, 24.0, 25.0, 26.0),
            trend_labels=months,
            trend_texts=tuple(numeral(language, str(one)) for one in (20, 22, 22, 24, 25, 26)),
            ceiling=27.0,
        ),
        IndicatorRow(
            name=_either(language, "آزمون بازیابی", "Restore drills"),
            now=Cell(line=text(numeral(language, "4")), value=4),
            target=Cell(line=text(numeral(language, "4")), value=4),
            before=Cell(line=text("—")),
            change=Cell(line=text("—")),
            mark=Mark.GOOD,
            state=_either(language, "خوب", "Good"),
            trend=(None, None, 1.0, 3.0, None, 4.0),
            trend_labels=months,
            trend_texts=tuple(numeral(language, one) for one in ("-", "-", "1", "3", "-", "4")),
        ),
        IndicatorRow(
            name=_either(language, "دیسک‌های رو به خرابی", "Failing disks"),
            now=Cell(line=text("—")),
            target=Cell(line=text(numeral(language, "0")), value=0),
            before=Cell(line=text("—")),
            change=Cell(line=text("—")),
            mark=Mark.UNKNOWN,
            state=_either(language, "نامشخص", "Unknown"),
            trend=(None,) * 6,
            trend_labels=months,
            trend_texts=("-",) * 6,
        ),
    )


def _exceptions(language: str) -> tuple[Block, ...]:
    columns = (
        Column(title=_either(language, "چیست", "What"), weight=3.0),
        Column(title=_either(language, "روی چه", "Subject"), weight=2.0, kind="code"),
        Column(title=_either(language, "عمر (روز)", "Age (days)"), weight=1.0, kind="number"),
        Column(title=_either(language, "موعد", "Due"), weight=1.4, kind="day"),
        Column(title=_either(language, "وضعیت", "State"), weight=1.2),
    )
    rows = (
        _exception(language, "نسخهٔ پشتیبان نیست", "Backup missing", "sql01/Insurance", 19, Mark.BAD),
        _exception(language, "اسنپ‌شات کهنه", "Old snapshot", "app-portal-02", 41, Mark.NOTICE),
        _exception(language, "دیده نشد", "Not seen", "esx-karaj-03.alborz.example", None, Mark.UNKNOWN),
        _exception(language, "برطرف شد", "Solved", "dc01", 2, Mark.GOOD),
        _exception(language, "خواسته نشده است", "Not demanded", "test-vm", 0, Mark.NONE),
    )
    number = Cell(line=text(numeral(language, "62")), value=62)
    total = Row(cells=(Cell(line=text(_either(language, "جمع", "Total"))), Cell(), number, Cell(), Cell()))
    return (
        Heading(level=1, title=_either(language, "استثناها", "Exceptions"), id="exceptions"),
        Table(
            title=_either(language, "بدترین‌ها نخست", "The worst first"),
            columns=columns,
            rows=rows,
            id="exceptions-table",
            note=_either(language, "حداکثر ده مورد؛ ۰ مورد دیگر در پیوست است.", "At most ten; 0 more in the annex."),
            total=total,
        ),
        Table(
            title=_either(language, "کارهای بی‌مجوز", "Changes without an order"),
            columns=columns,
            rows=(),
            id="changes-without-order",
            empty=_either(language, "هیچ تغییری بی‌مجوز نبود.", "No change was made without an order."),
        ),
    )


def _exception(language: str, persian: str, english: str, subject: str, age: int | None, mark: Mark) -> Row:
    states = {
        Mark.BAD: ("بحرانی", "Critical"),
        Mark.NOTICE: ("هشدار", "Warning"),
        Mark.UNKNOWN: ("نامشخص", "Unknown"),
        Mark.GOOD: ("خوب", "Good"),
        Mark.NONE: ("بی‌نیاز", "None"),
    }
    return Row(
        cells=(
            Cell(line=text(_either(language, persian, english))),
            Cell(line=code(subject)),
            Cell(line=text("—" if age is None else numeral(language, str(age))), value=age),
            Cell(line=code("1405-09-15"), value=date(2026, 12, 6)),
            Cell(line=text(_either(language, *states[mark])), mark=mark),
        ),
        mark=mark if mark in {Mark.BAD, Mark.UNKNOWN} else None,
    )


def _servers(language: str) -> tuple[Block, ...]:
    return (
        Heading(level=1, title=_either(language, "سرورها", "Servers"), id="servers"),
        Heading(level=2, title=_either(language, "تازه‌ها و رفته‌ها", "Added and removed"), id="servers-changes"),
        Bullets(
            lines=(
                (
                    Span(_either(language, "سرور ", "Server ")),
                    Span("app-portal-03", is_code=True),
                    Span(_either(language, " با نشانی ", " with address ")),
                    Span("192.0.2.17", is_code=True),
                    Span(_either(language, " افزوده شد.", " was added.")),
                ),
                text(_either(language, "هیچ سروری کنار گذاشته نشد.", "No server was retired.")),
            )
        ),
        Heading(level=3, title=_either(language, "کارهای ماه آینده", "Work of next month"), id="servers-next"),
        Bullets(
            lines=(
                text(_either(language, "افزودن دیسک به انبارهٔ دوم", "Add disks to the second datastore")),
                text(_either(language, "به‌روز کردن میزبان‌ها", "Update the hosts")),
            ),
            is_numbered=True,
        ),
        Bars(
            title=_either(language, "پرشدگی انباره‌ها", "How full the datastores are"),
            labels=(code("ds-san-01"), code("ds-san-02"), text(_either(language, "آرشیو", "Archive"))),
            values=(0.91, 0.48, 0.0),
            texts=tuple(numeral(language, one) for one in ("91%", "48%", "0%")),
            id="datastores",
            ceiling=1.0,
            value_title=_either(language, "سهم پر", "Share in use"),
        ),
    )


def _backups(language: str) -> tuple[Block, ...]:
    good = CalendarCell(sign=_either(language, "س", "s"), mark=Mark.GOOD, title=_either(language, "سالم", "sound"))
    late = CalendarCell(sign=_either(language, "د", "L"), mark=Mark.NOTICE, title=_either(language, "دیر", "late"))
    lost = CalendarCell(sign=_either(language, "ن", "M"), mark=Mark.BAD, title=_either(language, "نیست", "missing"))
    blind = CalendarCell(sign="؟" if language == "fa" else "?", mark=Mark.UNKNOWN)
    none = CalendarCell(sign="", mark=Mark.NONE)
    cycle = (good, good, late, good, lost, good, blind)
    every_day = tuple(cycle[day % len(cycle)] for day in range(30))
    weekly = tuple(good if day % 7 == 0 else none for day in range(30))
    return (
        Heading(level=1, title=_either(language, "پشتیبان‌ها", "Backups"), id="backups"),
        HeatMap(
            title=_either(language, "تقویم پشتیبان‌گیری", "The backup calendar"),
            days=tuple(numeral(language, str(day + 1)) for day in range(30)),
            rows=(
                CalendarRow(label=code("insurance-db"), cells=every_day),
                CalendarRow(label=text(_either(language, "بایگانی هفتگی", "Weekly archive")), cells=weekly),
            ),
            legend=(
                (good, _either(language, "سالم", "sound")),
                (late, _either(language, "دیر", "late")),
                (lost, _either(language, "نیست", "missing")),
                (blind, _either(language, "دیده نشد", "not seen")),
            ),
            id="calendar",
        ),
        Table(
            title=_either(language, "همهٔ نسخه‌ها", "All copies"),
            columns=(
                Column(title=_either(language, "کار", "Job"), weight=1.5, kind="code"),
                Column(title=_either(language, "روز", "Day"), kind="day"),
                Column(title=_either(language, "حجم (گیبی‌بایت)", "Size (GiB)"), kind="number"),
                Column(title=_either(language, "سهم", "Share"), kind="percent"),
            ),
            rows=tuple(_copy(language, day) for day in range(1, 31)),
            id="copies",
            is_annex=True,
        ),
    )


def _copy(language: str, day: int) -> Row:
    return Row(
        cells=(
            Cell(line=code("insurance-db")),
            Cell(
                line=code(f"1405-08-{day:02}"), value=date(2026, 10, 22 + day) if day < 10 else date(2026, 11, day - 9)
            ),
            Cell(line=text(numeral(language, f"{40 + day / 10:.1f}")), value=40 + day / 10),
            Cell(line=text(numeral(language, f"{day}%")), value=day / 100),
        )
    )


def _texts(language: str) -> tuple[Block, ...]:
    before, after = _either(language, "نام ", "name "), _either(language, " ثبت شد", " was recorded")
    return (
        Heading(level=1, title=_either(language, "متن‌های سخت", "Difficult texts"), id="texts"),
        *(
            Paragraph(line=(Span(before), *_with_words(language, row), Span(after)))
            for row in (*BIDI_ROWS, *((name,) for name in HOSTILE_NAMES))
        ),
        *(
            Paragraph(
                line=text(_either(language, f"بند با نشان {mark.value}", f"A paragraph marked {mark.value}")), mark=mark
            )
            for mark in Mark
        ),
    )


def _with_words(language: str, codes: tuple[str, ...]) -> Line:
    spans: list[Span] = []
    for place, one in enumerate(codes):
        if place:
            spans.append(Span(_either(language, " و ", " and ")))
        spans.append(Span(one, is_code=True))
    return tuple(spans)


def _signatures(language: str) -> tuple[Signature, ...]:
    labels = (
        _either(language, "نام", "Name"),
        _either(language, "امضا", "Signature"),
        _either(language, "تاریخ", "Date"),
    )
    return (
        Signature(role=_either(language, "تهیه‌کننده", "Prepared by"), name="", labels=labels),
        Signature(
            role=_either(language, "تأییدکننده", "Approved by"),
            name=_either(language, "نمونه", "Sample"),
            labels=labels,
        ),
        Signature(role=_either(language, "تصویب‌کننده", "Ratified by"), name="", labels=labels),
    )


def _wide_row(language: str, number: int) -> Row:
    name = f"srv-{number:04}"
    return Row(
        cells=(
            Cell(line=code(name)),
            Cell(line=text(_either(language, "سرور مجازی", "virtual server"))),
            Cell(line=code(f"192.0.2.{number % 250}")),
            Cell(line=code("Windows Server 2019")),
            Cell(line=text(numeral(language, str(number % 16))), value=number % 16),
            Cell(line=text(numeral(language, f"{number:,}")), value=number),
            Cell(line=text(numeral(language, f"{number / 7:.1f}")), value=number / 7),
            Cell(line=text(numeral(language, f"{number % 100}%")), value=(number % 100) / 100),
            Cell(line=code("1405-08-30"), value=date(2026, 11, 21)),
            Cell(line=text(_either(language, "خوب", "good")), mark=Mark.GOOD if number % 9 else Mark.BAD),
        )
    )

"""The covering letter: computed sentences, a blank number, and nothing that a letter must not carry."""

from dataclasses import replace
from datetime import date
from io import BytesIO
from zipfile import ZipFile

import pytest
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st

from itops.names import Names
from itops.reports.monthly.letter import BLANK, LetterFacts, letter_of
from itops.reports.monthly.records import Report
from itops.reports.paper.docx import write_docx
from itops.reports.paper.model import Bullets, PageBreak, Paper, Paragraph, Table, said
from itops.reports.words import load_words
from itops.verdict import State
from tests.reports.monthly.reports import empty_report, sample_report, yearly_report

BOTH = pytest.mark.parametrize("language", ["fa", "en"])
RICH = sample_report()
FACTS = LetterFacts(
    on=date(2026, 11, 28),
    to=Names(fa="مدیرکل محترم فناوری اطلاعات سازمان", en="Director General of Information Technology"),
    copies_to=(
        Names(fa="معاون محترم توسعه مدیریت", en="Deputy for management"),
        Names(fa="رئیس محترم حراست جهت اقدام", en="Head of security, for action"),
    ),
    drafter="م. نمونه",
)


def letter(report: Report = RICH, facts: LetterFacts = FACTS, language: str = "fa") -> Paper:
    return letter_of(report, facts, load_words(language, calendar="jalali"))


def lines(paper: Paper) -> list[str]:
    told: list[str] = []
    for block in paper.blocks:
        if isinstance(block, Paragraph):
            told.append(said(block.line))
        elif isinstance(block, Bullets):
            told += map(said, block.lines)
        elif isinstance(block, Table):
            told += [said(row.cells[1].line) for row in block.rows]
    return told


def of_role(paper: Paper, role: str) -> list[str]:
    return [said(one.line) for one in paper.blocks if isinstance(one, Paragraph) and one.role == role]


def with_documents(*numbers: int) -> Report:
    """The sample with some of its 27 documents; the first is the report itself, the fourteenth was not made."""
    return replace(
        RICH, papers=replace(RICH.papers, documents=tuple(RICH.papers.documents[one - 1] for one in numbers))
    )


def test_the_head_has_the_opening_in_the_middle_and_the_three_lines_aside_with_a_blank_number():
    made = letter()
    assert of_role(made, "centered") == ["بسمه تعالی"]
    assert of_role(made, "aside") == ["شماره: ....................", "تاریخ: ۱۴۰۵/۰۹/۰۷", "پیوست: دارد (۲۶ مورد)"]
    assert of_role(letter(language="en"), "aside") == [f"Number: {BLANK}", "Date: 2026-11-28", "Attachments: 26"]


def test_the_address_names_receiver_sender_and_subject():
    assert of_role(letter(), "address") == [
        "به: مدیرکل محترم فناوری اطلاعات سازمان",
        "از: اداره فناوری اطلاعات و ارتباطات، اداره کل البرز",
        "موضوع: ارسال گزارش عملکرد ماهانه آبان ۱۴۰۵",
    ]


def test_a_letter_looks_like_none_of_the_reports():
    made = letter()
    assert (made.title, made.subtitle, made.cover, made.footer, made.page_of) == ("", "", (), (), "")
    assert made.made_at == RICH.period.judged_at


def test_the_report_is_the_first_attachment_and_is_not_counted_twice_as_a_document():
    made = letter(with_documents(1, 2, 3))
    (listed,) = [one for one in made.blocks if isinstance(one, Bullets) and one.is_numbered]
    assert list(map(said, listed.lines)) == [
        "گزارش عملکرد ماهانه آبان ۱۴۰۵", "گزارش شماره 2 فناوری", "گزارش شماره 3 فناوری",
    ]  # fmt: skip
    assert "پیوست: دارد (۳ مورد)" in lines(made)
    assert any("در مجموع ۳ مورد به شرح زیر" in line for line in lines(made))


@pytest.mark.parametrize(("count", "is_behind"), [(8, False), (9, True)])
def test_a_long_list_stands_on_a_page_of_its_own_behind_the_signature(count, is_behind):
    made = letter(with_documents(*range(1, count + 1)))
    assert any(isinstance(one, PageBreak) for one in made.blocks) is is_behind
    assert isinstance(made.blocks[-1], Table) is is_behind
    assert "گزارش شماره 8 فناوری" in lines(made)


@BOTH
def test_a_document_that_nobody_made_is_open_and_not_attached(language):
    made = letter(with_documents(1, 2, 14), language=language)
    title = {"fa": "گزارش شماره 14 فناوری", "en": "Technology report no. 14"}[language]
    assert [line for line in lines(made) if title in line] == [
        {
            "fa": f"مستندات تهیه‌نشده: ۱ مورد از ۳ مورد خواسته‌شده ({title})",
            "en": f"Documents not made, of 3 that are asked for: 1 ({title})",
        }[language]
    ]


def test_a_report_alone_is_sent_alone():
    made = letter(with_documents(1))
    assert "به پیوست گزارش عملکرد ماهانه آبان ۱۴۰۵ (۱۴۰۵/۰۸/۰۱ تا ۱۴۰۵/۰۸/۳۰) ارسال می‌گردد." in lines(made)
    assert not any("مستندات تهیه‌نشده" in line for line in lines(made))


def test_what_is_made_once_a_year_goes_with_the_report_of_the_year():
    yearly = replace(RICH.papers.documents[1], name="budget", title=Names(fa="بودجه", en="Budget"), period="1405")
    mixed = replace(RICH.papers, documents=(*RICH.papers.documents, yearly))
    assert "بودجه" not in lines(letter(replace(RICH, papers=mixed)))
    year = letter(replace(yearly_report(), papers=mixed))
    assert "بودجه" in lines(year)
    assert "موضوع: ارسال گزارش عملکرد سالانه ۱۴۰۵" in lines(year)
    assert "پیوست: دارد (۲ مورد)" in lines(year)


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        (State.OK, "وضعیت این دوره عادی است و موردی نیازمند رسیدگی نیست."),
        (State.WARNING, "۱۸ مورد نیازمند رسیدگی است."),
        (State.CRITICAL, "۱۸ مورد نیازمند رسیدگی است که ۲ مورد آن فوری است."),
        (State.UNKNOWN, "داده‌های گردآوری‌شده برای ارزیابی این دوره کافی نیست؛ موارد باز شناخته‌شده: ۱۸."),
    ],
)
def test_the_verdict_is_one_sentence(state, sentence):
    report = replace(RICH, verdict=replace(RICH.verdict, state=state))
    assert sum(line.endswith(sentence) for line in lines(letter(report))) == 1


def test_what_is_open_is_counted_by_part_of_the_report():
    (counted,) = [line for line in lines(letter(language="en")) if line.startswith("Items that need attention:")]
    numbers = [int(part.rpartition(" ")[2]) for part in counted.split(":")[1].split(",")]
    assert sum(numbers) == len(RICH.exceptions) == RICH.verdict.exceptions
    assert numbers == sorted(numbers, reverse=True)


def test_uploads_that_wait_are_counted_by_system():
    first, second = RICH.papers.documents[1:3]
    waiting = replace(second, uploads=tuple(replace(one, state="to-upload") for one in second.uploads))
    made = letter(replace(RICH, papers=replace(RICH.papers, documents=(first, waiting))))
    assert "بارگذاری‌های باقی‌مانده: سامانه اهداف عملیاتی ۱ مورد، کنترل کیفیت ۱ مورد" in lines(made)
    assert not any("باقی‌مانده" in line for line in lines(letter(with_documents(1, 2))))


@BOTH
def test_no_server_no_database_and_nobody_of_an_exception_is_named(language):
    whole = " ".join(lines(letter(facts=replace(FACTS, drafter=""), language=language)))
    names = {one.name for one in RICH.servers.rows} | {one.object for one in RICH.backups.covers}
    names |= {one.owner for one in RICH.exceptions} | {
        one.subject for one in RICH.exceptions if one.subject != "doc-14"
    }
    assert not {name for name in names if name and name in whole}


def test_a_provisional_report_is_called_so():
    said_so = "این گزارش مقدماتی است."
    assert not any(line.endswith(said_so) for line in lines(letter()))
    early = replace(RICH, period=replace(RICH.period, is_final=False))
    assert sum(line.endswith(said_so) for line in lines(letter(early))) == 1


def test_a_copy_is_for_information_unless_the_office_says_what_for():
    assert lines(letter(with_documents(1)))[-3:-1] == [
        "معاون محترم توسعه مدیریت، جهت استحضار", "رئیس محترم حراست جهت اقدام",
    ]  # fmt: skip
    assert lines(letter(with_documents(1), language="en"))[-3:-1] == [
        "Deputy for management, for information", "Head of security, for action",
    ]  # fmt: skip


def test_the_signature_is_a_name_or_a_line_above_the_post():
    assert of_role(letter(), "signature") == [BLANK]
    assert of_role(letter(), "post") == ["رئیس اداره فناوری اطلاعات و ارتباطات"]
    signed = replace(RICH, signers=(("approved", "ن. آزمونی"),))
    assert of_role(letter(signed), "signature") == ["ن. آزمونی"]


def test_an_office_without_a_unit_is_named_once_and_its_head_is_not_made_director():
    office = replace(RICH.office, unit=RICH.office.name)
    made = letter(replace(RICH, office=office))
    assert "از: اداره کل البرز" in lines(made)
    assert of_role(made, "post") == ["رئیس اداره فناوری اطلاعات و ارتباطات"]


@BOTH
def test_a_letter_of_nothing_leaves_lines_to_fill(language):
    made = letter(empty_report(), LetterFacts(on=date(2026, 11, 28)), language)
    assert len([line for line in lines(made) if BLANK in line]) == 4  # number, receiver, reference, signature
    assert not [one for one in made.blocks if isinstance(one, Bullets)]


@pytest.mark.parametrize(
    ("printed", "openings", "asides"),
    [
        pytest.param("اداره کل البرز", 1, 3, id="a name alone"),
        pytest.param("بسمه‌تعالی شماره تلفن ۰", 0, 3, id="the number of a telephone is no number line"),
        pytest.param("بسم الله الرحمن الرحیم شماره: تاريخ: پيوست:", 0, 0, id="all, typed with Arabic letters"),
        pytest.param("Number: Date: Attachment:", 1, 0, id="in English"),
    ],
)
def test_what_the_letterhead_says_is_not_said_twice(printed, openings, asides):
    made = letter(facts=replace(FACTS, printed=printed))
    assert (len(of_role(made, "centered")), len(of_role(made, "aside"))) == (openings, asides)


def test_a_letterhead_that_is_a_picture_can_be_told_to_have_the_whole_head():
    made = letter(facts=replace(FACTS, has_head=False))
    assert (of_role(made, "centered"), of_role(made, "aside")) == ([], [])


@settings(max_examples=20, deadline=None)
@given(st.text(max_size=30))
def test_whatever_people_are_called_the_letter_can_be_opened(words):
    facts = LetterFacts(on=date(2026, 11, 28), to=Names(fa=words, en=words), drafter=words, printed=words)
    Document(BytesIO(write_docx(letter(with_documents(1, 2), facts))))


@BOTH
def test_in_word_nothing_stands_above_the_opening_and_no_page_has_a_number(language):
    made = write_docx(letter(language=language))
    shown = [one.text for one in Document(BytesIO(made)).paragraphs if one.text]
    assert shown[0] == {"fa": "بسمه تعالی", "en": "In the Name of God"}[language]
    with ZipFile(BytesIO(made)) as package:
        assert not [name for name in package.namelist() if "footer" in name]
    assert made == write_docx(letter(language=language))

"""The documents tell the truth: every gap code is there, every link leads somewhere, every command exists."""

import ast
import re
import shlex
from collections.abc import Iterable, Iterator
from pathlib import Path

import click
import pytest

from itops import errors
from itops.cli.main import cli
from itops.errors import ItopsError

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), *(page for page in [ROOT / "README.md"] if page.exists())])
EMITTING = [
    *(ROOT / "itops/sources").rglob("*.py"),
    *(ROOT / "itops/repositories").rglob("*.py"),
    *(ROOT / "itops/ssh").rglob("*.py"),
    *(ROOT / "itops/store").rglob("*.py"),
    *(ROOT / "itops/tasks").rglob("*.py"),
    ROOT / "itops/inventory/freshness.py",
]
_CODE = re.compile(r"[a-z]+(?:-[a-z]+)*\.[a-z]+(?:-[a-z]+)*")
_FENCE = re.compile(r"^( *)(```+|~~~+)([\w+-]*)[^\n]*\n(.*?)^\1\2 *$", re.DOTALL | re.MULTILINE)
_SHELL = {"", "sh", "bash", "console", "shell", "text"}
_PLACEHOLDER = re.compile(r"[A-Z]+|\.\.\.|…|<.*>|\[.*|\{.*")
_ENDS_COMMAND = {"|", "||", "&&", ";", ">", ">>", "<", "&", "#"}


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


# Gap codes


def gap_codes(path: Path) -> Iterator[str]:
    """Every code in a call of Gap, or of what makes one (`_gap`, `self._gap` ...); and those that failures carry."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ClassDef):
            yield from (text for text in _texts_of_code(node) if _CODE.fullmatch(text))
        elif isinstance(node, ast.Call) and "gap" in _called(node.func).lower():
            given = [keyword.value for keyword in node.keywords if keyword.arg == "code"] or node.args
            yield from (text for value in given for text in _texts(value) if _CODE.fullmatch(text))


def _called(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _texts_of_code(node: ast.ClassDef) -> Iterator[str]:
    """What stands behind `code =` in a class: a failure becomes the gap of that code."""
    for line in node.body:
        targets = line.targets if isinstance(line, ast.Assign) else [getattr(line, "target", None)]
        value = getattr(line, "value", None)
        if isinstance(line, ast.Assign | ast.AnnAssign) and "code" in {getattr(one, "id", "") for one in targets}:
            yield from () if value is None else _texts(value)


def _texts(node: ast.expr) -> Iterator[str]:
    return (part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str))


EMITTED = {code: path for path in EMITTING for code in gap_codes(path)}


def test_the_codes_are_found_where_they_are_made():
    known = {"permission.missing", "workbook.missing-sheet", "identity.duplicate", "source.stale", "source.not-watched"}
    assert known <= set(EMITTED)


@pytest.mark.parametrize("code", sorted(EMITTED))
def test_a_gap_code_is_documented(code):
    page = (DOCS / "reference/gaps.md").read_text(encoding="utf-8")
    assert re.search(rf"^\| `{re.escape(code)}` \|", page, re.MULTILINE), f"{code} of {name_of(EMITTED[code])}"


def test_no_gap_code_is_documented_that_nothing_emits():
    page = (DOCS / "reference/gaps.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([a-z.-]+)` \|", page, re.MULTILINE)) <= set(EMITTED)


def test_every_exit_code_is_documented():
    page = (DOCS / "reference/exit-codes.md").read_text(encoding="utf-8")
    ours = {
        found.exit_code for found in vars(errors).values() if isinstance(found, type) and issubclass(found, ItopsError)
    }
    documented = {int(code) for code in re.findall(r"^\| (\d+) \|", page, re.MULTILINE)}
    assert documented == ours | {0, 1, 2, 3, 130, 141}


# Links


def without_code(text: str) -> str:
    return re.sub(r"`[^`\n]*`", "`code`", _FENCE.sub("", text))


def links(path: Path) -> list[str]:
    text = without_code(path.read_text(encoding="utf-8"))
    return re.findall(r"\]\(\s*<?([^)\s>]+)", text) + re.findall(r"^\[[^\]]+\]:\s*(\S+)", text, re.MULTILINE)


def anchors(path: Path) -> set[str]:
    """The anchors that a forge makes of headings."""
    headings = re.findall(r"^#+ +(.+?) *#*$", _FENCE.sub("", path.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page):
    for link in links(page):
        if re.match(r"[a-z][a-z0-9+.-]*:", link):
            continue
        place, _, anchor = link.partition("#")
        target = (page.parent / place).resolve() if place else page
        assert target.exists(), f"{link} leads nowhere"
        assert target.is_relative_to(ROOT), f"{link} leads out of the project"
        if anchor and target.suffix == ".md":
            assert anchor in anchors(target), f"{link}: there is no such heading"


def test_the_index_names_every_document():
    linked = {(DOCS / link).resolve() for link in links(DOCS / "README.md") if ":" not in link}
    assert [name_of(page) for page in DOCS.rglob("*.md") if page not in linked and page != DOCS / "README.md"] == []


# Commands


def commands(text: str) -> Iterator[str]:
    """Every command line that begins with itops: in code spans, in shell blocks and in indented blocks."""
    for _, _, language, body in _FENCE.findall(text):
        if language in _SHELL:
            yield from _command_lines(body.splitlines())
    rest = _FENCE.sub("", text)
    yield from _command_lines(line for line in rest.splitlines() if line.startswith("    "))
    yield from (" ".join(span.split()) for span in re.findall(r"`(itops\s[^`]*)`", rest))


def _command_lines(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        found = re.search(r"^\s*(?:\$ )?(?:.*&& )?(?:\.venv/bin/)?(itops(?: .*)?)$", line)
        if found:
            yield found[1]


def mistake(command_line: str) -> str | None:
    """What is wrong with a command line, as far as the tree of commands and their options can tell; else None."""
    try:
        words = shlex.split(command_line, comments=True)[1:]
    except ValueError:  # a lone apostrophe in prose
        words = command_line.split()[1:]
    command: click.Command = cli
    while words:
        word = words.pop(0)
        if word in _ENDS_COMMAND or word.startswith((">", "2>")):
            break
        if word.startswith("-") and len(word) > 1:
            option = _option(command, word)
            if option is None:
                return f"{command.name} has no option {word}"
            if not option.is_flag and "=" not in word and words:
                words.pop(0)
        elif isinstance(command, click.Group):
            if _PLACEHOLDER.fullmatch(word):
                break
            below = command.get_command(click.Context(command), word)
            if below is None:
                return f"{command.name} has no command {word}"
            command = below
    return None


def _option(command: click.Command, word: str) -> click.Option | None:
    name = word.partition("=")[0]
    context = click.Context(command, help_option_names=["-h", "--help"])
    for parameter in command.get_params(context):
        if isinstance(parameter, click.Option) and name in (*parameter.opts, *parameter.secondary_opts):
            return parameter
    return None


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_commands_on_a_page_exist(page):
    wrong = {line: mistake(line) for line in commands(page.read_text(encoding="utf-8"))}
    assert {line: problem for line, problem in wrong.items() if problem} == {}


def test_commands_in_remedies_and_notes_exist():
    wrong = []
    for path in [*(ROOT / "itops").rglob("*.py"), *(ROOT / "itops/reports/text").glob("*.toml")]:
        spans = re.findall(r"`(itops [^`\n]*)`", path.read_text(encoding="utf-8"))
        wrong += [(name_of(path), span, mistake(span)) for span in spans if mistake(span)]
    assert wrong == []


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("itops", None),
        ("itops --help", None),
        ("itops --config x.yaml inventory list --kind vm --output json | head", None),
        ("itops inventory health --without-advice > out.txt", None),
        ("itops inventory show NAME", None),
        ("itops inventory COMMAND", None),
        ("itops scan", "cli has no command scan"),
        ("itops inventory lists", "inventory has no command lists"),
        ("itops inventory list --kinds vm", "list has no option --kinds"),
        ("itops --config x.yaml inventry", "cli has no command inventry"),
    ],
)
def test_a_wrong_command_would_be_noticed(line, problem):
    assert mistake(line) == problem


def test_commands_are_found_in_spans_blocks_and_indented_lines():
    text = "Run `itops doctor` now.\n\n    itops inventory scan\n\n```sh\n$ itops trust HOST\n```\n"
    assert sorted(commands(text)) == ["itops doctor", "itops inventory scan", "itops trust HOST"]
    assert list(commands("itops is a tool. `itops.yaml`, itops/cli\n\n```yaml\nitops: x\n```\n")) == []

"""What people see while they type: the real yaml-language-server, headless, with the schema that itops publishes."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from itops.assets.records import AssetKind
from itops.config.register.schema import FILE_NAME, MODELINE, schema_text

pytestmark = pytest.mark.e2e
PACKAGE = "yaml-language-server@1.25"
OWN = Path(__file__).parents[2]
GOOD = """\
sites:
  head: {fa: اداره کل, en: Head office}
assets:
  - id: UPS-001
    kind: ups
    name: {fa: یو پی اس, en: UPS}
    site: head
    serial: 0123456
    model: 12E5
    asset_tag: ۱۴۰۲۰۳۰
    in_service: 1402-12-30
    replace_on: ۱۴۰۵/۱/۵
    warranty_end: 2026-11-01
    useful_life_years: 4.5
    lock: [serial]
    location:
    ups: {capacity_va: 3000, batteries: [{installed: 1403-01-31, count: 6}]}
    tests: [{on: 1404-01-01, by: x, is_passed: true}]
"""


@pytest.fixture(scope="module")
def server_program(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The server in a folder of the test's own."""
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        pytest.skip("there is no npm here (Debian: apt-get install npm)")
    folder = tmp_path_factory.mktemp("npm")
    command = [npm, "install", "--no-audit", "--no-fund", "--silent", "--prefix", str(folder), PACKAGE]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=240)
    if done.returncode:
        pytest.skip(f"npm cannot install {PACKAGE} here: {done.stderr.strip()[-200:]}")
    return [node, str(folder / "node_modules" / "yaml-language-server" / "bin" / "yaml-language-server"), "--stdio"]


class Editor:
    """Just enough of the language server protocol: open a file, hear what is wrong with it, ask what fits."""

    def __init__(self, program: list[str], folder: Path) -> None:
        self.process = subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=folder)
        self.number = 0
        self.folder = folder
        settings = {"yaml": {"validate": True, "completion": True, "schemaStore": {"enable": False}}}
        self.ask(
            "initialize",
            {
                "processId": os.getpid(),
                "rootUri": folder.as_uri(),
                "capabilities": {},
                "initializationOptions": settings,
            },
        )
        self.tell("initialized", {})
        self.tell("workspace/didChangeConfiguration", {"settings": settings})

    def send(self, message: dict[str, Any]) -> None:
        content = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin is not None
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(content) + content)
        self.process.stdin.flush()

    def tell(self, method: str, parameters: dict[str, Any]) -> None:
        self.send({"method": method, "params": parameters})

    def hear(self) -> dict[str, Any]:
        """The next message; the server's own questions are answered with nothing."""
        assert self.process.stdout is not None
        length = 0
        while (line := self.process.stdout.readline().strip()) != b"":
            name, _, value = line.partition(b":")
            length = int(value) if name.lower() == b"content-length" else length
        message = json.loads(self.process.stdout.read(length))
        if "id" in message and "method" in message:
            wants = len(message["params"]["items"]) if message["method"] == "workspace/configuration" else None
            self.send({"id": message["id"], "result": None if wants is None else [None] * wants})
        return dict(message)

    def ask(self, method: str, parameters: dict[str, Any]) -> Any:
        self.number += 1
        self.send({"id": self.number, "method": method, "params": parameters})
        while True:
            message = self.hear()
            if message.get("id") == self.number and "method" not in message:
                assert "error" not in message, message
                return message["result"]

    def open(self, name: str, text: str) -> dict[int, str]:
        """What is wrong, by line (from 1)."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        document = {"uri": path.as_uri(), "languageId": "yaml", "version": 1, "text": text}
        self.tell("textDocument/didOpen", {"textDocument": document})
        while True:
            message = self.hear()
            if message.get("method") == "textDocument/publishDiagnostics" and message["params"]["uri"] == path.as_uri():
                found = message["params"]["diagnostics"]
                told: dict[int, list[str]] = {}
                for one in found:
                    told.setdefault(one["range"]["start"]["line"] + 1, []).append(one["message"])
                return {line: " ".join(messages) for line, messages in told.items()}

    def offered(self, name: str, line: int, column: int) -> set[str]:
        """What may stand there."""
        where = {"line": line - 1, "character": column}
        document = {"uri": (self.folder / name).as_uri()}
        found = self.ask("textDocument/completion", {"textDocument": document, "position": where})
        return {item["label"] for item in found["items"]}

    def shown(self, name: str, line: int, column: int) -> str:
        """What is shown beside a word."""
        where = {"line": line - 1, "character": column}
        document = {"uri": (self.folder / name).as_uri()}
        return json.dumps(
            self.ask("textDocument/hover", {"textDocument": document, "position": where}), ensure_ascii=False
        )


@pytest.fixture
def editor(server_program: list[str], tmp_path: Path) -> Iterator[Editor]:
    (tmp_path / FILE_NAME).write_text(schema_text(), encoding="utf-8")
    (tmp_path / "inventory").mkdir()
    running = Editor(server_program, tmp_path)
    yield running
    running.process.kill()
    running.process.wait()


def test_a_good_register_has_nothing_underlined(editor):
    assert editor.open("inventory.yaml", f"{MODELINE}\n{GOOD}") == {}


def test_an_included_file_finds_the_schema_above_it(editor):
    modeline = MODELINE.replace("=", "=../")
    assert editor.open("inventory/a.yaml", f"{modeline}\n{GOOD}") == {}
    assert editor.open("inventory/b.yaml", f"{modeline}\nasets: []\n") == {2: "Property asets is not allowed."}


def test_the_register_of_the_demo_office_has_nothing_underlined(editor):
    for path in [OWN / "inventory.yaml", *sorted((OWN / "inventory").glob("*.yaml"))]:
        text = path.read_text(encoding="utf-8").split("\n", 1)[1]
        assert editor.open(path.name, f"{MODELINE}\n{text}") == {}, path.name


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("kind: ups", "kind: upz", 6, "Value is not accepted. Valid values"),
        ("in_service: 1402-12-30", "in_service: 1402-13-30", 12, "should be a day"),
        ("in_service: 1402-12-30", "in_service: 30/12/1402", 12, "should be a day"),
        ("serial: 0123456", "seriall: 0123456", 9, "Property seriall is not allowed."),
        ("useful_life_years: 4.5", "useful_life_years: long", 15, "should be a number"),
        ("capacity_va: 3000", "capacity_va: much", 18, "should be a whole number"),
        ("count: 6", "count: 600000", 18, "maximum"),
        ("is_passed: true", "is_passed: perhaps", 19, "boolean"),
        ("    site: head\n", "", 5, 'Missing property "site"'),
        ("lock: [serial]", "lock: [price]", 16, "Value is not accepted"),
        ("kind: ups", "kind: printer", 6, "ups"),
    ],
)
def test_a_mistake_is_underlined_on_its_line(editor, old, new, line, said):
    assert GOOD.count(old) == 1
    found = editor.open("inventory.yaml", f"{MODELINE}\n{GOOD.replace(old, new)}")
    assert set(found) == {line}
    assert said in found[line]


def test_the_kinds_are_offered_where_a_kind_is_typed(editor):
    text = f"{MODELINE}\nassets:\n  - id: A\n    kind: \n"
    editor.open("inventory.yaml", text)
    assert {kind.value for kind in AssetKind} <= editor.offered("inventory.yaml", 4, 10)


def test_the_keys_are_offered_and_explained_in_persian_and_english(editor):
    text = f"{MODELINE}\nassets:\n  - id: A\n    seal: x\n    \n"
    editor.open("inventory.yaml", text)
    assert {"serial", "asset_tag", "warranty_end"} <= editor.offered("inventory.yaml", 5, 4)
    assert "شماره پلمپ: of the seal on the case" in editor.shown("inventory.yaml", 4, 6)

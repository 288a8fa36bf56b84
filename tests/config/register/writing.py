"""Random ways in which people write one and the same data as YAML."""

from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from itops.config.surgery.spelling import spelled

COMMENTS = ["# یادداشت", "# keep: this", "# - not an item", "#", "# {a: 1}, [b]", '# "quoted']
WORDS = st.sampled_from(
    [
        "a",
        "0123",
        "12E5",
        "رایانه دبیرخانه",
        "a, b",
        "x: y",
        "x #y",
        "",
        "null",
        "it's",
        '"q"',
        "- x",
        "10:30",
        "{",
        "]",
    ]
) | st.text(alphabet="aب۱ ,:#'\"[]{}-|>&*!%@`?~\t\\", max_size=8)
KEYS = st.sampled_from(["id", "name", "site", "note", "serial", "کلید", "a b", "x-y"])


def trees(depth: int = 3) -> st.SearchStrategy[Any]:
    """Sections and lists of texts, as `Document.texts` has them."""
    if depth == 0:
        return WORDS
    below = trees(depth - 1)
    return WORDS | st.dictionaries(KEYS, below, max_size=4) | st.lists(below, max_size=4)


def roots() -> st.SearchStrategy[dict[str, Any]]:
    """What a file may hold."""
    return st.dictionaries(KEYS, trees(), min_size=1, max_size=4)


class Writer:
    """Writes a tree in styles drawn one by one."""

    def __init__(self, draw: Callable[..., Any], *, with_comments: bool = True) -> None:
        self.draw = draw
        self.with_comments = with_comments

    def chance(self) -> bool:
        return self.draw(st.integers(0, 3)) == 0

    def comment(self) -> str:
        return f"  {self.draw(st.sampled_from(COMMENTS))}" if self.with_comments and self.chance() else ""

    def lines_between(self, indent: int) -> str:
        if not self.with_comments or not self.chance():
            return ""
        blank = self.draw(st.sampled_from(["\n", "\n\n"]))
        return blank if self.chance() else f"{' ' * indent}{self.draw(st.sampled_from(COMMENTS))}\n"

    def text(self, text: str, *, in_flow: bool, is_key: bool = False) -> str:
        if not is_key and text == "" and self.chance():
            return "''"
        style = self.draw(st.integers(0, 3))
        if style == 0:
            return "'" + text.replace("'", "''") + "'"
        if style == 1:
            return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
        return spelled(text, in_flow=in_flow, is_key=is_key)

    def flow(self, value: Any) -> str:
        space = self.draw(st.sampled_from(["", " "]))
        comma = self.draw(st.sampled_from([", ", ",  ", " , "]))
        if isinstance(value, dict):
            inner = comma.join(
                f"{self.text(key, in_flow=True, is_key=True)}: {self.flow(held)}" for key, held in value.items()
            )
            return f"{{{space}{inner}{space}}}"
        if isinstance(value, list):
            return f"[{space}{comma.join(self.flow(held) for held in value)}{space}]"
        return self.text(value, in_flow=True)

    def value(self, value: Any, indent: int) -> str:
        """What stands after `key:`, its line break included."""
        if not isinstance(value, dict | list) or not value or self.chance():
            written = self.flow(value) if isinstance(value, dict | list) else self.text(value, in_flow=False)
            return f" {written}{self.comment()}\n"
        step = self.draw(st.sampled_from([1, 2, 4])) if isinstance(value, dict) else self.draw(st.sampled_from([0, 2]))
        block = self.block(value, indent + step)
        return f"{self.comment()}\n{self.lines_between(indent + step)}{block}"

    def block(self, value: Any, indent: int) -> str:
        written = []
        for key, held in value.items() if isinstance(value, dict) else enumerate(value):
            if isinstance(value, dict):
                name = self.text(key, in_flow=False, is_key=True)
                written.append(f"{' ' * indent}{name}:{self.value(held, indent)}{self.lines_between(indent)}")
            elif isinstance(held, dict) and held and not self.chance():
                compact = self.block(held, indent + 2).lstrip(" ")
                written.append(f"{' ' * indent}- {compact}{self.lines_between(indent)}")
            elif isinstance(held, dict | list):
                written.append(f"{' ' * indent}- {self.flow(held)}{self.comment()}\n{self.lines_between(indent)}")
            else:
                text = self.text(held, in_flow=False)
                written.append(f"{' ' * indent}- {text}{self.comment()}\n{self.lines_between(indent)}")
        return "".join(written)


@st.composite
def files(draw: Callable[..., Any], tree: Any) -> str:
    """One way of writing it."""
    text = draw(st.sampled_from(["", "# سرآغاز\n\n"])) + Writer(draw).block(tree, 0)
    if draw(st.booleans()):
        text = text.rstrip("\n") if not text.rstrip("\n").endswith("\\") else text
    return text.replace("\n", "\r\n") if draw(st.booleans()) else text

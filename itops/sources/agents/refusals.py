"""Why an inventory is not taken; each reason is a gap with its own code, and nobody else's inventory is touched."""

from itops.errors import InputInvalid

_AGAIN = "let the agent write it again; if it stays so, look at the file with an editor"
_LEANER = (
    "let the agent leave out what nobody needs here: --no-category=environment,process,local_user,local_group,software"
)


class NotTaken(InputInvalid):
    """This file, or this request, holds no inventory that can be taken."""

    def __init__(self, code: str, problem: str, *, remedy: str) -> None:
        super().__init__(problem, remedy=remedy)
        self.code = code


def too_big(size_bytes: int, most_bytes: int, *, is_unpacked: bool) -> NotTaken:
    """More bytes than any inventory has; `size_bytes` is a lower bound where it was packed."""
    size = f"unpacks to more than {most_bytes:,} bytes" if is_unpacked else f"has {size_bytes:,} bytes"
    return NotTaken("agents.too-big", f"it {size}; an inventory has at most {most_bytes:,}", remedy=_LEANER)


def hostile(what: str) -> NotTaken:
    """It has what no agent writes and what attacks are made of."""
    return NotTaken("agents.hostile", f"it has {what}, as no agent writes it", remedy="find out who put it there")


def unreadable(what: str) -> NotTaken:
    """Damaged, cut off, or something else altogether."""
    return NotTaken("agents.unreadable", what, remedy=_AGAIN)

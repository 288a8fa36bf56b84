"""Why an inventory is not taken; each reason is a gap with its own code, and nobody else's inventory is touched."""

from typing import ClassVar

from itops.errors import InputInvalid


class NotTaken(InputInvalid):
    """This file, or this request, holds no inventory that can be taken."""

    code: ClassVar[str]


class TooBig(NotTaken):
    """More bytes than any inventory has; `size_bytes` is a lower bound where it was packed."""

    code = "agents.too-big"

    def __init__(self, size_bytes: int, most_bytes: int, *, is_unpacked: bool) -> None:
        size = f"unpacks to more than {most_bytes:,} bytes" if is_unpacked else f"has {size_bytes:,} bytes"
        super().__init__(
            f"it {size}; an inventory has at most {most_bytes:,}",
            remedy="let the agent leave out what nobody needs here: "
            "--no-category=environment,process,local_user,local_group,software",
        )


class Hostile(NotTaken):
    """It has what no agent writes and what attacks are made of."""

    code = "agents.hostile"

    def __init__(self, what: str) -> None:
        super().__init__(f"it has {what}, as no agent writes it", remedy="find out who put it there")


class Unreadable(NotTaken):
    """Damaged, cut off, or something else altogether."""

    code = "agents.unreadable"

    def __init__(self, what: str) -> None:
        super().__init__(what, remedy="let the agent write it again; if it stays so, look at the file with an editor")

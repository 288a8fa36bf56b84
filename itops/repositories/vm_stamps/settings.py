"""What itops.yaml may say about the stamps that backup products leave on VMs."""

import re
from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class VmStampsSettings:
    """The keys of one repository of type inventory."""

    attribute: tuple[str, ...] = ()  # names of custom attributes, `*` as a wildcard; () : those of known products
    notes: bool = True  # look into the notes (annotation) of a VM as well
    order: Literal["mdy", "dmy"] | None = None  # what 11/12/2026 means; None: such a date is a gap
    pattern: str | None = None  # a regular expression with a group `when`, perhaps `job`, for stamps of one's own
    format: str | None = None  # of the date, as strptime takes it: "%d.%m.%Y %H:%M"
    zone: ZoneInfo | None = None  # of the backup server's clock, if not the office's

    def __post_init__(self) -> None:
        if self.pattern is not None:
            try:
                groups = re.compile(self.pattern).groupindex
            except re.error as wrong:
                raise ValueError(f"pattern: is no regular expression: {wrong}") from None
            if "when" not in groups:
                raise ValueError("pattern: needs a group (?P<when>...)")
        if self.format is not None and "%" not in self.format:
            raise ValueError('format: should be like "%d.%m.%Y %H:%M"')

"""How headquarters' own form is filled: a YAML file says which column takes what, in which words.

    workbook: form-1405.xlsx        # theirs, beside this file; without it a new workbook is made
    sheet: تجهیزات
    header_row: 3
    first_row: 4
    system: it-budget               # of report.systems: where the filled form is uploaded
    kinds: [computer, printer]      # what the form takes; all kinds by default
    columns:
      - {header: ردیف, from: row_number, format: integer}
      - {header: شماره اموال, from: asset_tag, required: true}
      - {header: نوع, from: kind, values: {computer: رایانه, printer: چاپگر}}
      - {header: دستگاه اجرایی, constant: اداره کل}

`from` is reserved in Python: the file's key is read into `from_`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeAlias

from itops.assets.records import AssetKind

Format: TypeAlias = Literal["text", "number", "integer", "rial", "toman", "jalali", "gregorian"]
EXPRESSIONS = ("row_number", "age_years", "value_on_budget_year_start")
"""What `from` may name beside the fields of an asset."""
_LAST_ROW = 1_048_576
_MOST_COLUMNS = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateColumn:
    """One column of the form: what stands in it, and how it is written."""

    header: str
    from_: str | None = None  # dotted field, site.fa, site.en, or one of EXPRESSIONS
    constant: str | None = None  # the same text in every row
    format: Format = "text"
    column: str | None = None  # C, where a header stands twice
    width: float | None = None  # in characters, of a new workbook
    required: bool = False
    values: Mapping[str, str] = field(default_factory=dict)  # our word -> theirs; a word that is not there is an error

    def __post_init__(self) -> None:
        if (self.from_ is None) == (self.constant is None):
            raise ValueError(f"column {self.header!r} needs either `from` or `constant`")


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateMapping:
    """A whole form. Rows are counted from 1, as a spreadsheet does."""

    sheet: str
    columns: tuple[TemplateColumn, ...]
    workbook: Path | None = None
    header_row: int = field(default=1, metadata={"range": (1, _LAST_ROW)})
    first_row: int = field(default=2, metadata={"range": (2, _LAST_ROW)})
    right_to_left: bool = True  # of a new workbook
    system: str | None = None  # a key of `report.systems`: whose form it is, and where the report says it is registered
    kinds: tuple[AssetKind, ...] = ()  # what the form takes; () : every kind

    def __post_init__(self) -> None:
        if self.first_row <= self.header_row:
            raise ValueError(f"first_row {self.first_row} is not below header_row {self.header_row}")
        if not 0 < len(self.columns) <= _MOST_COLUMNS:
            raise ValueError(f"columns: 1 to {_MOST_COLUMNS} are needed")

    def takes(self, kind: AssetKind) -> bool:
        """Whether things of this kind stand in the form."""
        return not self.kinds or kind in self.kinds

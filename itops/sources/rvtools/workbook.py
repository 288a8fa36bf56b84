"""A whole RVTools workbook as a stream of entities and gaps."""

from collections.abc import Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from itops.errors import InputInvalid
from itops.inventory.entities import Gap, Kind, Seen
from itops.inventory.rvtools.catalogue import Sheet, catalogue
from itops.sources.rvtools.assemble import Assembly
from itops.sources.rvtools.drafts import Drafts
from itops.sources.rvtools.sheets import SheetReader, Trouble, kinds_behind, reader_of
from itops.sources.rvtools.tables import MAX_ROWS, TableFile

# Switches are read before the NICs that name them; vInfo and vHost first, because they carry the ids.
_ORDER = ("vInfo", "vHost", "vSource", "vCluster", "vRP", "vDatastore", "dvSwitch", "dvPort", "vLicense", "vSwitch")
_NOT_READ = {"vHealth", "vMetaData"}  # made from the rest; read elsewhere
_NEVER_EMPTY = {"vInfo", "vHost"}
_OPTIONAL = {"vFileInfo", "vUSB"}  # empty or missing in most exports: nothing is hidden by that


def read_workbook(file: TableFile, source: str, seen_at: datetime, zone: ZoneInfo) -> Iterator[Seen]:
    """Everything a workbook shows. Raises InputInvalid when it is no RVTools workbook, or a sheet is broken."""
    present = _present(file)
    if not present:
        raise InputInvalid(
            f"{file.path}: none of its sheets is one of RVTools ({', '.join(file.names()[:5]) or 'there are none'})",
            remedy="give this source a column_map if another tool made it, or leave the file out",
        )
    reading = _Reading(file, source, zone, present)
    assembly = reading.read(seen_at)
    yield from assembly.entities()
    yield from assembly.gaps()
    yield from reading.gaps()


def _present(file: TableFile) -> dict[str, str]:
    """Our name of a sheet -> the file's; the GUI writes vSC+VMK for vSC_VMK."""
    wanted = {sheet.name.lower(): sheet.name for sheet in catalogue().sheets}
    found: dict[str, str] = {}
    for name in file.names():
        ours = wanted.get(name.strip().lower().replace("+", "_"))
        if ours is not None:
            found.setdefault(ours, name)
    return found


class _Reading:
    """One pass over the sheets of a file."""

    def __init__(self, file: TableFile, source: str, zone: ZoneInfo, present: dict[str, str]) -> None:
        self._file, self._source, self._zone, self._present = file, source, zone, present
        self._trouble = Trouble()
        self._gaps: list[Gap] = []

    def read(self, seen_at: datetime) -> Assembly:
        assembly = Assembly(self._source, seen_at, {kind: Drafts(kind) for kind in Kind})
        by_server = self._has_several_servers()
        for sheet in sorted(catalogue().sheets, key=_position):
            if sheet.kind is None or sheet.name in _NOT_READ:
                continue
            if sheet.name not in self._present:
                self._missing(sheet)
                continue
            table = self._file.table(self._present[sheet.name])
            reader = reader_of(sheet, table, self._zone, self._trouble, by_server=by_server)
            self._check_headers(sheet, reader)
            reader.read(table, assembly.drafts[sheet.kind])
            if table.is_cut():
                self._cut(sheet)
            if sheet.name in _NEVER_EMPTY and not len(assembly.drafts[sheet.kind]):
                self._empty(sheet)
            if sheet.name == "vInfo":
                assembly.has_smbios_column = reader.matched.has("SMBIOS UUID")
        return assembly

    def gaps(self) -> Iterator[Gap]:
        """What was missing, cut or unreadable."""
        yield from self._gaps
        if self._trouble.count:
            where = ", ".join(sorted(self._trouble.headers)[:5])
            yield self._gap(
                "workbook.unreadable-cells",
                f"{self._trouble.count} cells",
                f"they do not hold what their column should, the first one {self._trouble.first}; columns: {where}",
                "dates must be written year first; set `timezone`, or export as xlsx instead of CSV",
            )

    def _has_several_servers(self) -> bool:
        """Merged workbooks hold several servers, and two of them may both have a vm-12."""
        for name in ("vSource", "vInfo", "vHost"):
            if name in self._present:
                table = self._file.table(self._present[name])
                reader = reader_of(catalogue().sheet(name), table, self._zone, Trouble(), by_server=True)
                if servers := reader.servers(table):
                    return len(servers) > 1
        return False

    def _check_headers(self, sheet: Sheet, reader: SheetReader) -> None:
        if not reader.matched.has(sheet.columns[0].header) and sheet.name != "vFileInfo":
            self._gaps.append(
                self._gap(
                    "workbook.missing-columns",
                    f"sheet {sheet.name}",
                    f"its column {sheet.columns[0].header!r} was not found, so its rows say nothing of whom",
                    "keep the header row of the export as RVTools wrote it",
                    hides=frozenset(kinds_behind(sheet)),
                )
            )

    def _empty(self, sheet: Sheet) -> None:
        self._gaps.append(
            self._gap(
                "workbook.empty-sheet",
                f"sheet {sheet.name}",
                "it has no row: an export that was shown nothing looks the same as a place where nothing is left",
                "export again with an account that has the Read-only role at the root, propagated",
                hides=frozenset(kinds_behind(sheet)),
            )
        )

    def _missing(self, sheet: Sheet) -> None:
        if sheet.name not in _OPTIONAL:
            self._gaps.append(
                self._gap(
                    "workbook.missing-sheet",
                    f"sheet {sheet.name}",
                    f"{self._file.path.name} has no sheet {sheet.name}: what it tells is unknown",
                    "export all sheets (RVTools: Export all to xlsx)",
                    hides=frozenset(kinds_behind(sheet)),
                )
            )

    def _cut(self, sheet: Sheet) -> None:
        hides = set(kinds_behind(sheet))
        self._gaps.append(
            self._gap(
                "workbook.rows-cut",
                f"sheet {sheet.name}",
                f"it has more than {MAX_ROWS:,} rows; the rest was not read",
                "export each vCenter into a workbook of its own",
                hides=frozenset(hides),
            )
        )

    def _gap(self, code: str, subject: str, problem: str, remedy: str, hides: frozenset[Kind] = frozenset()) -> Gap:
        return Gap(source=self._source, subject=subject, code=code, problem=problem, remedy=remedy, hides=hides)


def _position(sheet: Sheet) -> int:
    return _ORDER.index(sheet.name) if sheet.name in _ORDER else len(_ORDER)

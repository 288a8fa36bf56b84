"""`itops assets labels`: a sheet to print and stick on, for the assets that are asked for."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from itops.assets.records import Asset, AssetKind
from itops.assets.selection import Wanted, chosen
from itops.cli.assets_list import filter_options
from itops.cli.assets_office import AssetsOffice, pass_assets
from itops.errors import UsageWrong
from itops.reports.words import LANGUAGES, load_words
from itops.text import counted

if TYPE_CHECKING:
    from itops.reports.labels import Label

_NOTHING_TO_STICK_ON = frozenset({AssetKind.VIRTUAL_SERVER, AssetKind.LINK})


@click.command()
@click.option(
    "--out", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The sheets to write, FILE.pdf."
)
@click.option(
    "--skip", type=click.IntRange(0), default=0, show_default=True, help="Labels of the first sheet already used."
)
@click.option("--language", type=click.Choice(LANGUAGES), help="Of the labels; the office's own by default.")
@pass_assets
@filter_options
def labels(assets: AssetsOffice, *, wanted: Wanted, out: Path, skip: int, language: str | None) -> None:
    """Write labels with a QR code of the id for the assets that TEXT and the filters find, in the register's order.

    Sheets are A4; the size of a label is assets.label_size in itops.yaml. Print at 100 %: positions are exact.
    """
    from itops.reports.labels import Sheet, font_folders, labels_pdf  # noqa: PLC0415  only where labels are printed

    if out.suffix.lower() != ".pdf":
        raise UsageWrong(f"labels cannot be written as {out.name}", remedy="name a file .pdf")
    found = chosen(assets.register.assets, wanted, assets.office.today)
    stuck = [asset for asset in found if asset.kind not in _NOTHING_TO_STICK_ON]
    if not stuck:
        raise UsageWrong("no asset fits that a label could be stuck on", remedy="`itops assets list` shows them all")
    width, height = assets.policy.label_millimetres
    gap_across, gap_down = assets.policy.label_gap_millimetres
    grid = assets.policy.label_columns_and_rows
    sheet = Sheet(width=width, height=height, gap_across=gap_across, gap_down=gap_down, grid=grid)
    chosen_language = language or assets.office.settings.office.language
    words = load_words(chosen_language, calendar=assets.office.calendar, marks=False)
    office = _office_name(assets, chosen_language)
    pdf = labels_pdf([_label(asset, office) for asset in stuck], sheet, words, skip=skip)
    _write(out, pdf)
    sheets = -(-(skip + len(stuck)) // sheet.count)
    click.echo(f"{out}: {counted('label', 'labels', len(stuck))} on {counted('sheet', 'sheets', sheets)}", err=True)
    if not font_folders():
        click.echo("note: the Persian font is missing: pip install fontpkg-noto-sans-arabic", err=True)
    if len(found) > len(stuck):
        click.echo(f"note: {len(found) - len(stuck):,} are virtual servers or lines: no label", err=True)


def _office_name(assets: AssetsOffice, language: str) -> str:
    names = assets.office.settings.office.name
    return "" if names is None else names.of(language)


def _label(asset: Asset, office: str) -> "Label":
    from itops.reports.labels import Label  # noqa: PLC0415  as above

    model = " ".join(filter(None, (asset.vendor, asset.model)))
    return Label(asset_id=asset.id, office=office, asset_tag=asset.asset_tag or "", model=model)


def _write(out: Path, pdf: bytes) -> None:
    try:
        out.write_bytes(pdf)
    except OSError as failure:
        problem = f"cannot write {out}: {failure.strerror or failure}"
        raise UsageWrong(problem, remedy="name a file in a folder that you may write") from failure

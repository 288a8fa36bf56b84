"""`itops assets export`: the register as a table that can be read back, or in a form of headquarters."""

from collections.abc import Sequence
from pathlib import Path

import click

from itops.assets.records import Asset
from itops.assets.selection import Wanted, chosen
from itops.cli.assets_list import filter_options
from itops.cli.assets_office import AssetsOffice, pass_assets
from itops.errors import UsageWrong
from itops.text import counted, plain

_CALENDARS = {"fa": "jalali", "en": "gregorian"}


@click.command()
@click.argument("out", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--lang",
    "language",
    type=click.Choice(list(_CALENDARS)),
    help="fa (the default): Persian headers, words and days, right to left; en: field names and ISO days.",
)
@click.option("--template", metavar="NAME", help="Fill this form of `assets.templates` in itops.yaml instead.")
@pass_assets
@filter_options
def export(assets: AssetsOffice, *, out: Path, language: str | None, template: str | None, wanted: Wanted) -> None:
    """Write the register to FILE.xlsx or FILE.csv: every field, so that importing the file again changes nothing.

    TEXT and the options choose assets as in `itops assets list`. CSV has no types: open it in a spreadsheet by its
    import, every column as text, or use .xlsx.
    """
    if template is not None and language is not None:
        raise UsageWrong("a form has a language of its own", remedy="give --template or --lang")
    found = chosen(assets.register.assets, wanted, assets.office.today)
    if not found:
        raise UsageWrong("no asset is asked for; nothing was written", remedy="`itops assets list` shows what there is")
    if template is not None:
        _fill(assets, template, out, found)
    else:
        from itops.tasks.export_assets import export_register  # noqa: PLC0415  only when something is written

        chosen_language = language or "fa"
        calendar = _CALENDARS[chosen_language]
        export_register(found, assets.register, out, language=chosen_language, calendar=calendar, now=assets.office.now)
    click.echo(f"{out}: {counted('asset', 'assets', len(found))}", err=True)


def _fill(assets: AssetsOffice, name: str, out: Path, found: Sequence[Asset]) -> None:
    from itops.tasks.export_assets import Moment, book_value, fill_form, mapping_named  # noqa: PLC0415  as above

    mapping = mapping_named(assets.policy.templates, name)
    moment = Moment(today=assets.office.today, now=assets.office.now)
    worth = book_value(assets.policy.budget, assets.office.calendar, moment.today)
    for lost in fill_form(mapping, found, assets.register, out, moment, worth):
        click.echo(f"note: lost in the filling: {plain(lost)}", err=True)

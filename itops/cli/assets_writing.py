"""What every command that changes the register shares: the dry run, the lines shown, the change remembered."""

import sys
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click

from itops.assets.edits import Edit
from itops.cli.assets_office import AssetsOffice
from itops.cli.office import author
from itops.errors import ConfigInvalid, UsageWrong
from itops.tasks.follow_register import BY_HAND, Memory
from itops.text import plain

if TYPE_CHECKING:
    from itops.config.register.editing import Changed


def change_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """--dry-run: show the lines, write nothing."""
    return click.option("--dry-run", "is_dry", is_flag=True, help="Show the lines that would change; write nothing.")(
        command
    )


def told_fields(texts: Iterable[str], *, example: str) -> dict[str, str]:
    """FIELD=VALUE, as typed, each field once; raises UsageWrong."""
    told: dict[str, str] = {}
    for text in texts:
        field, _, value = (part.strip() for part in text.partition("="))
        if not field or not value:
            raise UsageWrong(f"{text!r} is not FIELD=VALUE", remedy=f"write {example}")
        if field in told:
            raise UsageWrong(f"{field} is told twice", remedy="tell it once")
        told[field] = value
    return told


def carry_out(
    assets: AssetsOffice, edits: Sequence[Edit], *, how: str, is_dry: bool, ask: Callable[[], None] | None = None
) -> bool:
    """Show the lines that change and, unless it is a dry run, change them; whether anything was written.

    With `ask`, the lines are shown first and it is called then: it returns when they may be written, else it raises.
    What was written is remembered with its author, as `how` (the command); what somebody typed into the files before is
    remembered first, as found. Raises ConfigInvalid when the register would not be valid afterwards, or somebody saved
    it meanwhile.
    """
    shown = None
    if is_dry or ask:
        from itops.config.register.editing import plan_edits  # noqa: PLC0415  only for those that change

        shown = plan_edits(assets.whole, edits)
        _show(shown)
        if is_dry and shown.files:
            click.echo("note: nothing was written", err=True)
        if is_dry or not shown.files:
            return False
        assert ask is not None
        ask()
        _check_unchanged(assets, edits, shown)
    changed = _written(assets, edits, how)
    if shown is None:
        _show(changed)
    return bool(changed.files)


def _written(assets: AssetsOffice, edits: Sequence[Edit], how: str) -> "Changed":
    from itops.config.register.writing import write_edits  # noqa: PLC0415  as above

    with assets.office.open_store() as store:
        memory = Memory(store.register, assets.office.now)
        memory.take(assets.register, by=None, how=BY_HAND)
        changed = write_edits(assets.path, edits)
        memory.take(changed.register, by=author(), how=how)
        assets.office.close()  # whoever closes last folds the write-ahead log into itops.db
    return changed


def _check_unchanged(assets: AssetsOffice, edits: Sequence[Edit], shown: "Changed") -> None:
    """A question may stand for an hour: what somebody typed meanwhile is not overwritten by a yes to other lines."""
    from itops.config.register.editing import plan_edits  # noqa: PLC0415  as above
    from itops.config.register.loading import load_whole  # noqa: PLC0415  as above

    if plan_edits(load_whole(assets.path), edits).diff() != shown.diff():
        raise ConfigInvalid(
            f"somebody changed {assets.path.name} meanwhile: these are not the lines any more; nothing was written",
            remedy="run the command again",
        )


def _show(changed: "Changed") -> None:
    """The lines; where the screen cannot show a letter, a question mark stands for it."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    for line in changed.diff().splitlines():
        click.echo(plain(line).encode(encoding, "replace").decode(encoding))
    if not changed.files:
        click.echo("note: it is so already; nothing was written", err=True)

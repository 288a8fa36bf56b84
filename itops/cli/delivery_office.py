"""The delivery behind a command: the policy, the ways to headquarters, the outbox and the keys."""

from collections.abc import Callable
from functools import cached_property, wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from itops.bundles.outbox import OutboxRow
from itops.bundles.policy import DeliveryPolicy
from itops.cli.columns import in_kib, moments_in
from itops.cli.office import Office, pass_office
from itops.cli.output import Column, Listing, Row
from itops.errors import ConfigInvalid, InputInvalid, UsageWrong
from itops.jsonable import jsonable
from itops.store.reader import Reader as StoreReader

if TYPE_CHECKING:
    from itops.bundles.keys import AllowedKey
    from itops.bundles.targets import Target
    from itops.delivery.keys import KeyFolder
    from itops.delivery.outbox_files import OutboxFolder

_OUTBOX_FIELDS = (
    *("bundle", "name", "office", "period", "sequence", "size_bytes", "state", "is_late", "tries", "queued_at"),
    *("next_at", "target", "sent_at", "received_at", "closed_at", "previous", "problem", "remedy"),
)


class DeliveryOffice:
    """Handed to every command here; tests hand in one of their own, with a policy and targets as they like."""

    def __init__(
        self, office: Office, *, policy: DeliveryPolicy | None = None, targets: "tuple[Target, ...] | None" = None
    ) -> None:
        self.office = office
        self._policy = policy
        self._targets = targets

    @cached_property
    def policy(self) -> DeliveryPolicy:
        """The `delivery` section of itops.yaml; raises ConfigInvalid when there is none."""
        policy = self._policy or self.office.settings.delivery
        if policy is None:
            raise ConfigInvalid(
                "itops.yaml has no section `delivery`",
                remedy="write one, with at least one target; docs/how-to/deliver-reports.md shows it",
            )
        return policy

    @cached_property
    def targets(self) -> "tuple[Target, ...]":
        """The ways to headquarters, in the order of the file."""
        if self._targets is not None:
            return self._targets
        return tuple(target.build() for target in self.policy.targets.values())

    @cached_property
    def folder(self) -> "OutboxFolder":
        """Where bundles wait."""
        from itops.delivery.outbox_files import OutboxFolder  # noqa: PLC0415  lists need none of it

        return OutboxFolder(self.office.state_folder / "outbox")

    @cached_property
    def keys(self) -> "KeyFolder":
        """Where the office's own keys lie."""
        from itops.delivery.keys import KeyFolder  # noqa: PLC0415  as above

        return KeyFolder(path=self.office.state_folder / "keys")

    @property
    def when(self) -> Callable[[Any], str]:
        """A cell that shows an ISO moment as the office writes it."""
        return moments_in(self.office.calendar, self.office.zone)

    def rows(self, period: str | None = None) -> list[OutboxRow]:
        """The outbox; empty before the first bundle."""
        reader = self.office.any_reader
        return reader.outbox.rows(period) if isinstance(reader, StoreReader) else []

    def found(self, typed: str) -> OutboxRow:
        """The bundle of that name, or whose SHA-256 begins so; raises UsageWrong."""
        rows = [row for row in self.rows() if row.name == typed or row.sha256.startswith(typed.lower())]
        if len(rows) == 1:
            return rows[0]
        problem = f"{len(rows)} bundles begin with {typed!r}" if rows else f"there is no bundle {typed!r}"
        raise UsageWrong(problem, remedy="`itops report outbox` shows them all")

    def row_of(self, row: OutboxRow) -> Row:
        """A bundle as JSON has it."""
        told: dict[str, Any] = jsonable(row)
        told["bundle"] = told.pop("sha256")
        return {**told, "is_late": row.is_late(self.office.now, self.policy.max_delay)}

    def close(self) -> None:
        """Close the store, if it was opened."""
        self.office.close()


def pass_delivery(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the DeliveryOffice of the configuration file."""

    @wraps(command)
    def with_delivery(*args: Any, **kwargs: Any) -> Any:
        given = click.get_current_context().obj
        if isinstance(given, DeliveryOffice):
            return command(given, *args, **kwargs)

        @pass_office
        def with_office(office: Office) -> Any:
            return command(DeliveryOffice(office), *args, **kwargs)

        return with_office()

    return with_delivery


def outbox_listing(delivery: DeliveryOffice, rows: list[OutboxRow]) -> Listing:
    """Bundles and how far they came."""
    return Listing(
        schema="itops.report.outbox/1",
        rows=[delivery.row_of(row) for row in rows],
        columns=(
            Column(field="period", title="period"),
            Column(field="sequence", title="no", is_number=True),
            Column(field="bundle", title="bundle", show=lambda value: value[:12]),
            Column(field="state", title="state"),
            Column(field="is_late", title="late", show=lambda value: "late" if value else ""),
            Column(field="tries", title="tries", is_number=True, spare=3),
            Column(field="target", title="target", spare=2),
            Column(field="size_bytes", title="KiB", show=in_kib, is_number=True, spare=4),
            Column(field="queued_at", title="made", show=delivery.when, spare=1),
            Column(field="closed_at", title="closed", show=delivery.when),
            Column(field="next_at", title="next try", show=delivery.when, spare=1),
            Column(field="problem", title="problem"),
        ),
        csv_fields=_OUTBOX_FIELDS,
    )


def allowed_keys(path: Path) -> "tuple[AllowedKey, ...]":
    """Whose signatures count, from a file as ssh-keygen reads it; raises InputInvalid."""
    from itops.bundles.keys import read_allowed_signers  # noqa: PLC0415  few commands check signatures

    try:
        return read_allowed_signers(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as wrong:
        raise InputInvalid(f"{path}: {wrong}", remedy="see `man ssh-keygen`, ALLOWED SIGNERS") from wrong

"""Every check and its evaluator; each is loaded when it is first asked.

An evaluator yields nothing where nothing was promised. That is said, too (`not-configured`, OK): a check without
anything to judge would be UNKNOWN for ever, and one that is left out would look as if somebody had forgotten it.
"""

from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module

from itops.alerts.policy import CHECKS
from itops.alerts.records import Evaluation, Key
from itops.config.settings import Settings
from itops.tasks.evaluation.evaluating import Evaluator
from itops.tasks.evaluation.findings import TABLE
from itops.tasks.evaluation.watched import Watched
from itops.verdict import State

NOT_CONFIGURED = "not-configured"
"""The code of a check of which itops.yaml promises nothing; fact `section`: what it would have to say."""
_ROOMS: Mapping[str, tuple[str, str]] = {
    "backup": ("backups", "evaluate_backups"),
    "inventory": ("inventory", "evaluate_inventory"),
    "delivery": ("delivery", "evaluate_delivery"),
    "schedule": ("schedule", "evaluate_schedule"),
    "custody": ("custody", "evaluate_custody"),
    "channel": ("channels", "evaluate_channels"),
}


def _evaluated(check: str, watched: Watched) -> tuple[Evaluation, ...]:
    """Whole, or an ItopsError and nothing."""
    module, name = _ROOMS[check]
    evaluator: Evaluator = getattr(import_module(f"{__package__}.{module}"), name)
    found = tuple(evaluator(watched))
    section = missing_section(check, watched.settings)
    return found or (() if section is None else (not_configured(check, section, watched),))


EVALUATORS: Mapping[str, Evaluator] = {check: partial(_evaluated, check) for check in CHECKS}
"""The evaluator of each check."""


def missing_section(check: str, settings: Settings) -> str | None:
    """The section of itops.yaml without which a check has nothing to judge; None where it is there.

    Of a check that is configured and still yields nothing nobody knows why: it stays empty, which is UNKNOWN.
    """
    return _MISSING[check](settings)


def not_configured(check: str, section: str, watched: Watched) -> Evaluation:
    """That nothing was promised, and so nothing is wrong."""
    return Evaluation(
        key=Key(check, ""),
        state=State.OK,
        code=NOT_CONFIGURED,
        table=TABLE,
        judged_at=watched.now,
        facts={"section": section},
    )


def _backup(settings: Settings) -> str | None:
    return None if settings.backup is not None and settings.backup.jobs else "backup.jobs"


def _inventory(settings: Settings) -> str | None:
    return None if settings.sources else "sources"


def _delivery(settings: Settings) -> str | None:
    if settings.delivery is None or not settings.delivery.targets:
        return "delivery"
    return None if settings.report is not None and settings.report.monthly is not None else "report.monthly"


def _schedule(_settings: Settings) -> str | None:
    """Never missing: that nothing runs by itself is a warning of its own."""
    return None


def _custody(settings: Settings) -> str | None:
    return None if settings.backup is not None and settings.backup.custody.places else "backup.custody"


def _channel(settings: Settings) -> str | None:
    return None if settings.alerts.channels else "alerts.channels"


_MISSING: Mapping[str, Callable[[Settings], str | None]] = {
    "backup": _backup,
    "inventory": _inventory,
    "delivery": _delivery,
    "schedule": _schedule,
    "custody": _custody,
    "channel": _channel,
}

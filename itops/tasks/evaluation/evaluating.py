"""All checks at once; one that cannot be made hides none of the others."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from itops.alerts.policy import CHECKS
from itops.alerts.records import Evaluation, Key
from itops.errors import ItopsError
from itops.tasks.evaluation.watched import Watched
from itops.verdict import State

NOT_JUDGED = "not-judged"
"""The code of a check that could not be made: facts `problem` and `remedy`."""
Evaluator: TypeAlias = Callable[[Watched], Iterable[Evaluation]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated:
    """What came of it."""

    evaluations: tuple[Evaluation, ...]
    whole: frozenset[str]  # the checks that were made; of the others there is one evaluation alone, of the object ""


def evaluate(watched: Watched, evaluators: Mapping[str, Evaluator], checks: Collection[str] = CHECKS) -> Evaluated:
    """The checks of these names, each by its evaluator."""
    found: list[Evaluation] = []
    whole: set[str] = set()
    for check in checks:
        try:
            found += evaluators[check](watched)
        except ItopsError as failure:
            found.append(_not_judged(check, failure, watched))
        else:
            whole.add(check)
    return Evaluated(evaluations=tuple(found), whole=frozenset(whole))


def _not_judged(check: str, failure: ItopsError, watched: Watched) -> Evaluation:
    return Evaluation(
        key=Key(check, ""),
        state=State.UNKNOWN,
        code=NOT_JUDGED,
        table="evaluation",
        judged_at=watched.now,
        facts={"problem": failure.problem, "remedy": failure.remedy},
    )

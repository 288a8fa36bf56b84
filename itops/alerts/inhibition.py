"""What explains what: of a vCenter that cannot be reached and its five hundred servers, the vCenter is told.

Only what is CRITICAL or UNKNOWN explains anything: a warning about a certificate is no reason why a server is gone. It
explains until it has recovered, not until its first good evaluation: those behind it need a look of their own first.
"""

from collections.abc import Mapping

from itops.alerts.records import Evaluation, Incident, Key, Phase
from itops.verdict import State, severity

_EXPLAINS = severity(State.UNKNOWN)
_OPEN = frozenset({Phase.FIRING, Phase.RECOVERING})


def explanations(evaluations: Mapping[Key, Evaluation], incidents: Mapping[Key, Incident]) -> dict[Key, Key]:
    """For each key that another explains, the one at the root of it.

    Of keys that explain each other in a circle the first by name is told: a circle must not hide itself.
    """
    above = {
        key: bad[0]
        for key, evaluation in evaluations.items()
        if evaluation.depends_on
        and (bad := sorted(one for one in evaluation.depends_on if _explains(one, evaluations, incidents)))
    }
    roots: dict[Key, Key] = {}
    for key in above:
        _walk(key, above, roots)
    return {key: root for key, root in roots.items() if key != root}


def _explains(key: Key, evaluations: Mapping[Key, Evaluation], incidents: Mapping[Key, Incident]) -> bool:
    incident, evaluation = incidents.get(key), evaluations.get(key)
    is_open = incident is not None and incident.phase in _OPEN and severity(incident.state) >= _EXPLAINS
    return is_open or (evaluation is not None and severity(evaluation.state) >= _EXPLAINS)


def _walk(key: Key, above: Mapping[Key, Key], roots: dict[Key, Key]) -> None:
    """Up from a key until there is nothing above, or a root is known, or the way closes."""
    way: dict[Key, None] = {}
    while key in above and key not in way and key not in roots:
        way[key] = None
        key = above[key]
    if key in way:
        circle = list(way)[list(way).index(key) :]
        root = min(circle)
    else:
        root = roots.get(key, key)
    roots.update(dict.fromkeys(way, root))

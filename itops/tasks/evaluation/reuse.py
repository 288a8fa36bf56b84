"""A part of a check whose verdict can be said again, because nothing that it rests on is another.

Reading and judging a register of 5,000 assets takes seconds, and a round is made every five minutes. What the verdict
rests on stands as a fingerprint in the part's own evaluation; with that, and until the moment at which time alone would
change it, what was judged before is judged now. Files count by what they hold.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from glob import glob
from hashlib import sha256
from pathlib import Path

from itops import __version__
from itops.alerts.records import Evaluation, Key
from itops.facts import Fact
from itops.tasks.evaluation.watched import Watched

_BASIS, _INCLUDED = "basis", "included"
_SETTLED_SECONDS = 2  # a file that was written while it was read may be another than the one that was judged
_MOST_LETTERS = 1000


def kept(watched: Watched, part: Key, is_ours: Callable[[str], bool]) -> tuple[Evaluation, ...]:
    """What was judged of the part before, as judged now; nothing where it has to be judged anew."""
    before = {one.key: one for one in watched.reader.watch.evaluations() if one.key.check == part.check}
    whole = before.get(part)
    if whole is None or _BASIS not in whole.facts or whole.judged_at > watched.now:
        return ()
    found = [one for key, one in before.items() if key == part or is_ours(key.object)]
    if any(one.valid_until is None or one.valid_until <= watched.now for one in found):
        return ()
    if whole.facts[_BASIS] != _basis(watched, str(whole.facts.get(_INCLUDED, ""))):
        return ()
    return tuple(replace(one, judged_at=watched.now) for one in found)


def resting_on(watched: Watched, include: Iterable[str]) -> dict[str, Fact]:
    """The facts of a part by which it can be kept; none where it has to be judged anew each time.

    `include`: what the register's root names beside itself.
    """
    included = "\n".join(include)
    basis = _basis(watched, included) if len(included) <= _MOST_LETTERS else None
    return {} if basis is None else {_BASIS: basis, **({_INCLUDED: included} if included else {})}


def _basis(watched: Watched, included: str) -> str | None:
    """None where a file cannot be read, or is not settled."""
    settings = watched.settings
    folder, ends = settings.register.parent, settings.assets.support_ends
    beside = sorted({Path(folder, name) for pattern in included.split("\n") for name in glob(pattern, root_dir=folder)})
    digest = sha256(repr((__version__, watched.reader.last_scans())).encode(errors="backslashreplace"))
    try:
        for path in (settings.path, settings.register, *([ends] if ends else []), *beside):
            if path.is_dir():
                continue
            if path.stat().st_mtime > watched.now.timestamp() - _SETTLED_SECONDS:
                return None
            digest.update(sha256(path.read_bytes()).digest() + str(path).encode(errors="backslashreplace"))
    except OSError:
        return None
    return digest.hexdigest()[:32]

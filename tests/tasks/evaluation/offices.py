"""An office in a folder whose evaluators are asked at any moment: its settings as YAML, its facts in a real store."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from itops.alerts.records import Evaluation, Incident, Key, Phase
from itops.config.settings import Plugins, load
from itops.inventory.roles.rules import RoleRules
from itops.reports.sentences import sentence
from itops.reports.words import LANGUAGES, load_words, placeholders
from itops.store import StoreLocation, open_reader, open_store
from itops.store.watch_writer import RoundRows
from itops.tasks.evaluation.watched import Watched
from itops.tasks.read_inventory import role_judge
from itops.verdict import State

if TYPE_CHECKING:
    from itops.store.writing import Store

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)  # 11:30 in Tehran, 1 Azar 1405
TEHRAN = ZoneInfo("Asia/Tehran")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
INSTANT = timedelta(microseconds=1)
OFFICE = "office: {id: alborz, calendar: jalali}\n"

Evaluator = Callable[[Watched], Iterable[Evaluation]]


@dataclass
class WatchedOffice:
    """`settings`: what itops.yaml says beside who the office is."""

    folder: Path
    settings: str = ""

    def __post_init__(self) -> None:
        (self.folder / "itops.yaml").write_text(OFFICE + self.settings, encoding="utf-8")
        self.location.folder.mkdir(mode=0o700)
        with self.store():
            pass

    @property
    def location(self) -> StoreLocation:
        return StoreLocation(folder=self.folder / "state")

    @contextmanager
    def store(self, at: datetime = NOW) -> "Iterator[Store]":
        with open_store(self.location, at) as store:
            yield store

    @contextmanager
    def watched(self, now: datetime = NOW) -> Iterator[Watched]:
        settings = load(self.folder / "itops.yaml", Plugins.installed())
        with open_reader(self.location) as reader:
            yield Watched(settings=settings, reader=reader, judge_roles=role_judge(reader, RoleRules()), now=now)

    def judged(self, evaluator: Evaluator, now: datetime = NOW) -> dict[str, Evaluation]:
        """By object; every one is said in both languages on the way, and none may come twice."""
        with self.watched(now) as watched:
            found = list(evaluator(watched))
        for one in found:
            assert one.judged_at == now
            assert_said(one)
        by_object = {one.key.object: one for one in found}
        assert len(by_object) == len(found), "a key came twice"
        return by_object

    def opens(self, *keys: Key) -> None:
        """Incidents that somebody was told of."""
        with self.store() as store:
            for key in keys:
                store.watch.play_round([], [], _opening(key))


def _opening(key: Key) -> Callable[..., RoundRows]:
    incident = Incident(key=key, phase=Phase.FIRING, state=State.CRITICAL, opened_at=NOW, notify_count=1)
    return lambda _facts: RoundRows(changed=(incident,))


def assert_said(one: Evaluation) -> None:
    """A sentence of its code in both languages, for whose every placeholder there is a fact."""
    for language in LANGUAGES:
        words = load_words(language)
        said = sentence(one.table, one.code, one.facts, words)
        assert said is not None, (one.key, one.code)
        try:
            template = words.template(one.table, one.code)
        except KeyError:
            template = words.template(one.table, one.code, "message")
        assert placeholders(template) <= one.facts.keys(), (one.key, one.code)


def assert_stays_until_its_moment(office: WatchedOffice, evaluator: Evaluator, now: datetime = NOW) -> int:
    """Just before it is valid no more each key is judged the same; how many had such a moment."""
    found = office.judged(evaluator, now)
    turning = {name: one.valid_until for name, one in found.items() if one.valid_until is not None}
    for name, until in turning.items():
        assert until > now
        later = office.judged(evaluator, until - INSTANT)[name]
        assert (later.state, later.code) == (found[name].state, found[name].code), name
    return len(turning)

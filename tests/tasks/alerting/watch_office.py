"""A small office with a real store, evaluators that say what a test says, and channels that keep what they get."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

from itops.alerts.channels import Channel, ChannelFailed, Message
from itops.alerts.policy import CHECKS, AlertPolicy, Quiet
from itops.alerts.records import Evaluation, Incident, Key, Notification
from itops.config.settings import Plugins, PluginSettings, Settings, load
from itops.dates import Hours
from itops.errors import ItopsError
from itops.store import StoreLocation, open_reader, open_store
from itops.store.writing import Store
from itops.tasks.alerting.round import Played, play_round
from itops.tasks.alerting.sending import Sender, SentOut, built, send_due
from itops.tasks.evaluation.evaluating import Evaluator, evaluate
from itops.tasks.evaluation.watched import Watched
from itops.verdict import State

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)  # a Sunday, 11:30 in Tehran
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
JOB = Key("delivery", "1405-08")
"""Of a check that tells at once."""
DOWN = ChannelFailed("mail:25 refuses connections", "see whether the server runs")
REFUSED = ChannelFailed("mail refuses the account", "check the password", is_final=True)


class Duty:
    """A channel that keeps what it gets."""

    def __init__(self, name: str, *, stays_inside: bool = True) -> None:
        self.name = name
        self.stays_inside = stays_inside
        self.failure: ChannelFailed | None = None
        self.asked: list[str] = []
        self.got: list[Message] = []

    def send(self, message: Message) -> str:
        self.asked.append(message.id)
        if self.failure is not None:
            raise self.failure
        self.got.append(message)
        return f"receipt of {self.name}"

    @property
    def kinds(self) -> list[str]:
        return [message.kind.value for message in self.got]


def plugged(channel: Channel) -> PluginSettings:
    return PluginSettings(
        section="alerts.channels",
        name=channel.name,
        type="duty",
        settings=None,
        line=1,
        plugin=lambda name, settings: channel,
    )


@dataclass
class WatchedOffice:
    folder: Path
    channels: list[Any] = field(default_factory=list)
    policy: AlertPolicy = field(default_factory=lambda: AlertPolicy(group_wait=timedelta(), language="en"))
    now: datetime = NOW
    bad: dict[Key, State] = field(default_factory=dict)
    good: set[Key] = field(default_factory=set)
    broken: set[str] = field(default_factory=set)  # checks that cannot be made
    facts: dict[str, Any] = field(default_factory=dict)
    more: dict[str, Evaluator] = field(default_factory=dict)
    yaml: str = ""
    loaded: Settings | None = None

    @property
    def location(self) -> StoreLocation:
        return StoreLocation(folder=self.folder / "state")

    @property
    def settings(self) -> Settings:
        path = self.folder / "itops.yaml"
        if not path.exists():
            path.write_text(f"office: {{id: alborz, calendar: jalali, timezone: Asia/Tehran}}\n{self.yaml}")
        channels = {channel.name: plugged(channel) for channel in self.channels}
        if self.loaded is None:
            self.loaded = load(path, Plugins())
        return replace(self.loaded, alerts=replace(self.policy, channels=channels))

    @property
    def evaluators(self) -> Mapping[str, Evaluator]:
        return {check: self._evaluator(check) for check in CHECKS} | self.more

    def _evaluator(self, check: str) -> Evaluator:
        def evaluator(watched: Watched) -> Iterator[Evaluation]:
            if check in self.broken:
                raise ItopsError(f"{check} cannot be read", remedy="mend it")
            keys = sorted(key for key in self.bad.keys() | self.good if key.check == check)
            for key in keys:
                state = self.bad.get(key, State.OK)
                yield self.judged(key, state, watched.now)

        return evaluator

    def judged(self, key: Key, state: State, now: datetime) -> Evaluation:
        until = now + 26 * HOUR if state is State.OK else None
        code = f"is-{state.name.lower()}"
        return Evaluation(
            key=key, state=state, code=code, table="backup", judged_at=now, facts=self.facts, valid_until=until
        )

    def be_quiet(self, name: str, begin: time, until: time) -> None:
        """A channel's quiet hours, by the clock of the office."""
        quiet = {name: Quiet(hours=Hours(begin=begin, until=until))}
        self.policy = replace(self.policy, channels={name: None}, quiet=quiet)

    @contextmanager
    def opened(self) -> Iterator[tuple[Store, Watched]]:
        with open_store(self.location, self.now) as store, open_reader(self.location) as reader:
            yield store, Watched(settings=self.settings, reader=reader, judge_roles=lambda vms: iter(()), now=self.now)

    def round(self) -> Played:
        with self.opened() as (store, watched):
            return play_round(store, watched, evaluate(watched, self.evaluators))

    def send(self, **more: Any) -> SentOut:
        with self.opened() as (store, watched):
            policy = watched.settings.alerts
            sender = Sender(
                store=store.watch,
                policy=policy,
                zone=watched.settings.office.zone,
                now=self.now,
                channels=built(policy),
                **more,
            )
            return send_due(sender, watched.reader.watch.notifications(only_open=True, limit=100_000))

    def go(self, wait: timedelta = 5 * MINUTE) -> tuple[Played, SentOut]:
        """A round and its sending, so much later."""
        self.now += wait
        return self.round(), self.send()

    def rows(self, *, only_open: bool = False) -> list[Notification]:
        """By number."""
        with open_reader(self.location) as reader:
            return reader.watch.notifications(only_open=only_open, limit=100_000)[::-1]

    def incidents(self) -> Mapping[Key, Incident]:
        with open_reader(self.location) as reader:
            return reader.watch.incidents()

    def evaluations(self) -> list[Evaluation]:
        with open_reader(self.location) as reader:
            return reader.watch.evaluations()

"""A message as text, for channels that show more than its summary."""

from collections.abc import Iterator
from datetime import timedelta

from itops.alerts.channels import Message, MessageLine
from itops.notify.plain_text import one_line
from itops.reports.words import Words, load_words

_RIGHT_TO_LEFT_MARK = "\u200f"
_HOUR = timedelta(hours=1)
_DAYS_FROM = timedelta(hours=48)


def words_of(message: Message) -> Words:
    """The words in the language of the message; marks where the language needs them."""
    return load_words(message.language)


def as_text(message: Message, words: Words) -> str:
    """Title, summary, a line for each incident, and what tells more."""
    mark = _RIGHT_TO_LEFT_MARK if message.language == "fa" else ""
    lines = [*dict.fromkeys((one_line(message.title), one_line(message.summary))), ""]
    lines += [f"- {_described(line, words)}{''.join(_details(message, line, words))}" for line in message.lines]
    lines += ["", *ending(message, words)]
    return "\n".join(f"{mark}{line}" if line else "" for line in lines) + "\n"


def _described(line: MessageLine, words: Words) -> str:
    subject = words.say("channel", "subject", data={"subject": one_line(line.subject)})
    return f"{state_word(line, words)}: {subject}: {one_line(line.text)}"


def _details(message: Message, line: MessageLine, words: Words) -> Iterator[str]:
    return (f" ({detail})" for detail in details(message, line, words))


def state_word(line: MessageLine, words: Words) -> str:
    """What the state of an incident is called."""
    return words.say("channel", line.state.name)


def details(message: Message, line: MessageLine, words: Words) -> Iterator[str]:
    """Whose it is, and since when, counted back from the moment of the message."""
    if line.owner:
        yield words.say("channel", "owner", data={"owner": one_line(line.owner)})
    if line.since is None or message.made_at - line.since < _HOUR:
        return
    age = message.made_at - line.since
    if age < _DAYS_FROM:
        yield words.say("channel", "since_hours", data={"age_hours": age // _HOUR})
    else:
        yield words.say("channel", "since_days", data={"age_days": age.days})


def ending(message: Message, words: Words) -> Iterator[str]:
    """Where more stands, and who wrote this."""
    if message.report:
        yield words.say("channel", "report", data={"period": one_line(message.report)})
    yield words.say("channel", "sender", data={"office": one_line(message.office)})

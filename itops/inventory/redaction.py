"""Make what was seen fit for strangers: who it belongs to goes, what it is stays.

A `Redactor` replaces names, addresses, paths, notes, keys and serial numbers, consistently within one recording, and
leaves versions, models, sizes, states and dates. Which paths keep their value is data (`redaction_rules.py`); any
other string is treated as sensitive, so a property that nobody thought of is replaced rather than published.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from itops.inventory import redaction_rules as rules
from itops.inventory.entities import Entity, EntityKey, Gap, Kind, Properties, Seen, Value
from itops.inventory.pseudonyms import Pseudonyms
from itops.inventory.redaction_rules import Keep, Name, Note, Treatment
from itops.inventory.redaction_shapes import Shapes

_IDENTIFIER = re.compile(r"_?[a-z][A-Za-z0-9_]{0,60}")
_PATH = re.compile(r"[a-z]\w{0,60}(?:\.\w{1,60}){0,12}", re.ASCII)
_CODE = re.compile(r"[a-z]{2,20}\.[a-z]{2,20}(?:-[a-z]{1,20}){0,3}")
_LICENSE_KEY = re.compile(r"license:[0-9a-f]{16}")
_SUBJECT_WORDS = frozenset(kind.value for kind in Kind) | {
    "VM",
    "VMs",
    "all",
    "property",
    "hosts",
    "datastores",
    "tags",
}
_MANY_NUMBERS = 8
_REMEMBERED = 30_000  # strings: the states, labels and networks that every VM repeats


class Redactor:
    """Redacts one recording. `key`: random bytes (16 to 64) that nobody keeps; with them it could be guessed back.

    With `keeps_roles`, words such as "sql" in a name, and the line `role: ...` of a note, are kept, so that the roles
    of a redacted office can still be told.
    """

    def __init__(self, key: bytes, *, keeps_roles: bool = False) -> None:
        self._pseudonyms = Pseudonyms(key)
        self._shapes = Shapes(self._pseudonyms, keeps_roles=keeps_roles)
        self._remembered = lru_cache(maxsize=_REMEMBERED)(self._replaced)

    def source(self, name: str) -> str:
        """The replacement for the name of a source."""
        return self._shapes.name(name, "source")

    def seen(self, seen: Seen) -> Seen:
        """An entity or a gap, redacted."""
        return self._gap(seen) if isinstance(seen, Gap) else self._entity(seen)

    def _entity(self, entity: Entity) -> Entity:
        name = entity.properties.get("name")
        if isinstance(name, str):  # first, so that the word for it is of its kind wherever else it stands
            self._text(name, _treatment_of_name(entity.kind))
        return replace(
            entity,
            key=EntityKey(self._entity_key(entity)),
            ref=self._ref(entity.ref),
            source=self.source(entity.source),
            properties=self._properties(entity),
        )

    def _properties(self, entity: Entity) -> Properties:
        redacted: dict[str, Value] = {}
        self._learn(entity.properties)
        for path, value in entity.properties.items():
            if path == "name" and isinstance(value, str):
                redacted[path] = self._text(value, _treatment_of_name(entity.kind))
            else:
                redacted[path if _is_path(path) else self._shapes.name(path, "path")] = self._value(path, value)
        return redacted

    def _learn(self, values: Mapping[str, Value], path: str = "") -> None:
        """See the names first, so that a name is not met as a mere text and numbered as one."""
        for key, value in values.items():
            inner = f"{path}.{key}" if path else key
            if isinstance(value, str | list) and isinstance(rules.treatment(inner), Name):
                self._value(inner, value)

    def _value(self, path: str, value: Value) -> Value:
        if isinstance(value, str):
            return self._string(path, value)
        if isinstance(value, dict):
            self._learn(value, path)
            return {self._key(path, key): self._value(f"{path}.{key}", inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [0] * len(value) if _looks_like_bytes(path, value) else [self._value(path, item) for item in value]
        return value

    def _key(self, path: str, key: str) -> str:
        chosen = rules.PEOPLES_KEYS.get(path)
        if chosen is not None:
            return self._shapes.name(key, chosen.sort)
        return key if _IDENTIFIER.fullmatch(key) else self._shapes.name(key, "key")

    def _string(self, path: str, value: str) -> str:
        leaf = path.rpartition(".")[2]
        if leaf == "licenseKey":
            return self._pseudonyms.license(value)
        for table in rules.PEOPLES_KEYS:
            if path.startswith(table):
                return self._text(value, rules.treatment(table))
        return self._text(value, rules.treatment(path))

    def _text(self, value: str, treatment: Treatment) -> str:
        # What makers wrote is looked at anew each time: it may turn out to be somebody's name.
        is_free_text = isinstance(treatment, Keep) and treatment.is_free_text
        return self._replaced(value, treatment) if is_free_text else self._remembered(value, treatment)

    def _replaced(self, value: str, treatment: Treatment) -> str:
        if isinstance(treatment, Keep):
            is_name = treatment.is_free_text and self._pseudonyms.knows(value)
            return value if treatment.form.fullmatch(value) and not is_name else self._shapes.scrubbed(value, "text")
        if isinstance(treatment, Note):
            return self._shapes.note(value)
        if isinstance(treatment, Name):
            return self._shapes.name(value, treatment.sort)
        return self._shapes.scrubbed(value, treatment.sort)

    def _ref(self, ref: str) -> str:
        return ref if rules.MOREF.fullmatch(ref) else self._shapes.scrubbed(ref, "ref")

    def _entity_key(self, entity: Entity) -> str:
        """The key, replaced as the properties are from which it was made; see the table of keys in architecture.md."""
        key = entity.key
        if _LICENSE_KEY.fullmatch(key):
            return f"license:{self._pseudonyms.hexadecimal(key.removeprefix('license:'))}"
        stem, at, copy = key.rpartition("@")
        if at and copy == entity.ref:
            return f"{self._plain_key(stem, entity)}@{self._ref(copy)}"
        return self._plain_key(key, entity)

    def _plain_key(self, key: str, entity: Entity) -> str:
        if key.startswith("esx:"):
            return f"esx:{self._shapes.scrubbed(key.removeprefix('esx:'), 'key')}"
        if key.startswith(f"{entity.source}:"):
            rest = key[len(entity.source) + 1 :]
            return f"{self.source(entity.source)}:{self._ref(rest)}"
        return self._shapes.scrubbed(key, "key")

    def _gap(self, gap: Gap) -> Gap:
        code = gap.code if _CODE.fullmatch(gap.code) else "redacted"
        return replace(
            gap,
            source=self.source(gap.source),
            subject=self._subject(gap.subject),
            code=code,
            problem=f"{code} (the text was redacted)",
            remedy=f"look up {code} in docs/reference/gaps.md",
        )

    def _subject(self, subject: str) -> str:
        """ "host esx03" keeps its first word, "property config.createDate" all of it."""
        first, space, rest = subject.partition(" ")
        if first == "property" and _is_path(rest):
            return subject
        if first not in _SUBJECT_WORDS:
            return self._shapes.scrubbed(subject, "subject")
        return first + space + (rest if rest in _SUBJECT_WORDS else self._shapes.scrubbed(rest, first))


def _is_path(path: str) -> bool:
    return path.partition(".")[0] in rules.ROOTS and _PATH.fullmatch(path) is not None


def _treatment_of_name(kind: Kind) -> Treatment:
    return rules.LICENSE_NAME if kind is Kind.LICENSE else rules.NAME_OF_KIND[kind]


def _looks_like_bytes(path: str, value: list[Value]) -> bool:
    """Eight or more numbers of one byte each may spell a certificate or a serial number."""
    if len(value) < _MANY_NUMBERS or path.rpartition(".")[2] in rules.NUMBER_LISTS:
        return False
    return all(isinstance(number, int) and not isinstance(number, bool) and -128 <= number <= 255 for number in value)

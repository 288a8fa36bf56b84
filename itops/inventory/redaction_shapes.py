"""The replacement of one text by its shape: an address for an address, a path for a path, a word for a name."""

import re
from ipaddress import AddressValueError, IPv4Address, IPv6Address

from itops.inventory import redaction_rules as rules
from itops.inventory.pseudonyms import Pseudonyms

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)")
_PLAIN = re.compile(r"(?i:true|false|yes|no|on|off|none|unknown|unset)|-?\d{1,3}")
_MAYBE_IPV6 = re.compile(r"[0-9a-fA-F:]{2,39}(?:(?<=:)\d{1,3}(?:\.\d{1,3}){3})?")
_IPV4 = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
_PREFIX = re.compile(r"/\d{1,3}\Z")
_MAC = re.compile(r"[0-9a-fA-F]{2}([:-])[0-9a-fA-F]{2}(?:\1[0-9a-fA-F]{2}){4}")
_HEX = re.compile(
    r"(?P<head>(?:naa|eui|vsan|uuid|wwn|fc)[.:])?"
    r"(?P<digits>[0-9a-fA-F](?:[ :-]?[0-9a-fA-F]){11,127})"
)
_FQDN = re.compile(r"(?=.*[A-Za-z\u0080-\uffff])[\w-]+(?:\.[\w-]+)+\.?")
_DATASTORE_PATH = re.compile(r"(?P<head>(?:ISO )?)\[(?P<datastore>[^\]]+)\](?: (?P<file>.*))?", re.DOTALL)
_URL = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]{0,30})://(?P<rest>.*)", re.DOTALL)
_USER = re.compile(r"(?P<user>[^@\s]+)@(?P<domain>[^@\s]+)")
_WITH_NUMBER = re.compile(r"(?P<head>.+?)(?P<tail>:\d{1,5}|%\d{1,3})", re.DOTALL)
_SUBJECT_PART = re.compile(r"(?P<head>(?:CN|OU|O|L|ST|C|DC|emailAddress)=)(?P<value>.*)", re.DOTALL)
_LIST = re.compile(r"(\s*[,;]\s*)")
_SLASHES = re.compile(r"([/\\])")
_DRIVE = re.compile(r"[A-Za-z]:")
_PADDING = re.compile(r"(\s*)(.*?)(\s*)", re.DOTALL)
_LONG_CHARACTERS = 80
_ROLE_LINE = re.compile(r"(?im)^\s*role\s*:\s*([a-z]{2,12})\s*$")
_WORDS = re.compile(r"[A-Za-z]+")


class Shapes:
    """Replaces texts; what it cannot take apart becomes a numbered word or, when it is long, a note."""

    def __init__(self, pseudonyms: Pseudonyms, *, keeps_roles: bool) -> None:
        self._pseudonyms = pseudonyms
        self._keeps_roles = keeps_roles

    def note(self, value: str) -> str:
        """A short text for a long one; nothing for nothing."""
        if not value.strip():
            return value
        lines = [self._pseudonyms.note(value)]
        if self._keeps_roles:
            lines += [f"role: {role}" for role in _ROLE_LINE.findall(value) if role.lower() in rules.ROLE_WORDS]
        return "\n".join(lines)

    def name(self, value: str, sort: str) -> str:
        """A replacement for a name: address for address, UUID for UUID, label by label for a host name, else a word."""
        start, core, end = _parts(_PADDING, value)
        if not core or (sort, core) == ("resource-pool", rules.ROOT_POOL):
            return value
        shaped = self._shaped(core)
        if shaped is None and _FQDN.fullmatch(core):
            first, *others = core.split(".")
            shaped = ".".join([self._word(first, sort), *(other and self._word(other, "domain") for other in others)])
        return f"{start}{self._word(core, sort) if shaped is None else shaped}{end}"

    def _word(self, value: str, sort: str) -> str:
        roles = ""
        if self._keeps_roles:
            found = {word.lower() for word in _WORDS.findall(value)} & rules.ROLE_WORDS
            roles = "".join(f"-{word}" for word in sorted(found))
        return self._pseudonyms.word(value, sort, roles)

    def _shaped(self, value: str) -> str | None:
        """The replacement of an address, a MAC, a UUID or another long hexadecimal id; None for anything else."""
        if address := self._address(value):
            return address
        if _MAC.fullmatch(value):
            return self._pseudonyms.mac(value)
        if found := _HEX.fullmatch(value):
            return (found["head"] or "") + self._pseudonyms.hexadecimal(found["digits"])
        return None

    def _address(self, value: str) -> str | None:
        """The replacement of an IPv4 or IPv6 address, with or without a prefix length; None for anything else."""
        prefix = _PREFIX.search(value)
        address, length = (value[: prefix.start()], prefix.group()) if prefix else (value, "")
        try:
            if _IPV4.fullmatch(address):
                return f"{self._pseudonyms.ipv4(IPv4Address(address))}{length}"
            if ":" in address and _MAYBE_IPV6.fullmatch(address):
                return f"{self._pseudonyms.ipv6(IPv6Address(address))}{length}"
        except AddressValueError:
            return None
        return None

    def scrubbed(self, value: str, sort: str) -> str:
        """Any string: by its shape, part by part; a word or, for a long text, a note when it has none."""
        start, core, end = _parts(_PADDING, value)
        if not core or _MOMENT.fullmatch(core) or (sort == "text" and _PLAIN.fullmatch(core)):
            return value
        if self._pseudonyms.knows(core):
            return f"{start}{self._word(core, sort)}{end}"
        if len(core) > _LONG_CHARACTERS and not _SLASHES.search(core):
            return self._pseudonyms.note(value)
        shaped = self._shaped(core)
        return f"{start}{self._structured(core, sort) if shaped is None else shaped}{end}"

    def _structured(self, value: str, sort: str) -> str:
        if found := _DATASTORE_PATH.fullmatch(value):
            file = found["file"]
            datastore = self.name(found["datastore"], "datastore")
            return f"{found['head']}[{datastore}]" + (f" {self._path(file, 'file')}" if file else "")
        if found := _URL.fullmatch(value):
            return self._url(found["scheme"], found["rest"])
        if found := _USER.fullmatch(value):
            return f"{self.name(found['user'], 'user')}@{self.name(found['domain'], 'domain')}"
        if found := _WITH_NUMBER.fullmatch(value):
            return self.scrubbed(found["head"], sort) + found["tail"]
        if found := _SUBJECT_PART.fullmatch(value):
            return found["head"] + self.scrubbed(found["value"], sort)
        if _LIST.search(value):
            parts = _LIST.split(value)
            return "".join(part if odd % 2 else self.scrubbed(part, sort) for odd, part in enumerate(parts))
        return self._path(value, "folder" if sort == "text" and _SLASHES.search(value) else sort)

    def _url(self, scheme: str, rest: str) -> str:
        host, slash, path = rest.partition("/")
        kept = scheme if scheme in rules.SCHEMES else self.name(scheme, "scheme")
        return f"{kept}://{self.scrubbed(host, 'server')}{slash}{self._path(path, 'folder')}"

    def _path(self, value: str, sort: str) -> str:
        """A path of any sort of slash, segment by segment; a file on a datastore keeps what says what it is."""
        parts = _SLASHES.split(value)
        return "".join(part if odd % 2 else self._segment(part, sort) for odd, part in enumerate(parts))

    def _segment(self, value: str, sort: str) -> str:
        if value in rules.KEPT_SEGMENTS or _DRIVE.fullmatch(value):
            return value
        if value.endswith(":"):
            return f"{self.name(value[:-1], sort)}:"
        if found := rules.FILE_END.search(value):
            whole = value[: found.start()]
            # "sql_1.vmdk" is the first disk of the VM sql_1, or the second one of sql.
            tail = None if self._pseudonyms.knows(whole) else rules.FILE_TAIL.search(value)
            cut = tail or found
            return self.name(value[: cut.start()], sort) + cut.group()
        return self.name(value, sort)


def _parts(pattern: re.Pattern[str], value: str) -> tuple[str, str, str]:
    found = pattern.fullmatch(value)
    assert found is not None
    start, core, end = found.groups()
    return start, core, end

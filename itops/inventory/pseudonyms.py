"""Replacements that keep shape and equality: the same secret gives the same replacement, another one another.

Everything hangs on a random key that is never written. Addresses keep their subnet structure (two addresses share
as many leading bits after as before, inside the same network), in private and reserved ranges only; names become
numbered words, and names that differ only in case become words that differ only in case.
"""

import re
from hashlib import blake2b
from ipaddress import IPv4Address, IPv6Address

from itops.errors import InputInvalid

_LETTER = re.compile(r"[a-zA-Z]")
_HEX_DIGIT = re.compile(r"[0-9a-fA-F]")
_MASKS = frozenset((0xFFFFFFFF << (32 - length)) & 0xFFFFFFFF for length in range(1, 33))
_PRIVATE = ((0x0A000000, 8), (0xAC100000, 12), (0xC0A80000, 16), (0xA9FE0000, 16))
_IPV6_DOCUMENTATION = 0x20010DB8 << 96
_IPV6_LINK_LOCAL = 0xFE80 << 112
_IPV4_MAPPED = 0xFFFF << 32
_HALF_BITS = 32
_HALF = (1 << _HALF_BITS) - 1


def _public_pool() -> list[int]:
    """First two bytes of the networks that stand for public ones: shared, benchmark and reserved space."""
    shared = [0x6440 + number for number in range(64)]  # 100.64.0.0/10
    benchmark = [0xC612, 0xC613]  # 198.18.0.0/15
    reserved = [0xF000 + number for number in range(0x0EFF)]  # 240.0.0.0/4 without its end
    return shared + benchmark + reserved


class Pseudonyms:
    """The replacements of one file. Remembers 16 bytes and a word for each distinct name, nothing for the rest."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._words: dict[bytes, str] = {}
        self._families: dict[bytes, tuple[str, int]] = {}
        self._counts: dict[str, int] = {}
        self._public: dict[int, int] = {}
        self._sites: dict[int, int] = {}
        self._pool = _public_pool()

    def _digest(self, text: str, purpose: bytes, size: int = 16) -> bytes:
        return blake2b(text.encode("utf-8", "surrogatepass"), key=self._key, person=purpose, digest_size=size).digest()

    def knows(self, text: str) -> bool:
        """Was this text replaced as a name before?"""
        return self._digest(text, b"name") in self._words

    def word(self, text: str, sort: str, suffix: str = "") -> str:
        """A numbered word for a name: `vm-0001`. The sort is that of its first appearance; the word then stays."""
        digest = self._digest(text, b"name")
        if digest not in self._words:
            self._words[digest] = self._new_word(text, sort, suffix)
        return self._words[digest]

    def _new_word(self, text: str, sort: str, suffix: str) -> str:
        family = self._digest(text.casefold(), b"family")
        word, variant = self._families.get(family, ("", 0))
        if not word or variant >= 1 << len(_LETTER.findall(word)):
            number = self._counts[sort] = self._counts.get(sort, 0) + 1
            word, variant = f"{sort}-{number:04}{suffix}", 0
        self._families[family] = (word, variant + 1)
        return _cased(word, variant)

    def note(self, text: str) -> str:
        """A short text for a long one; the same for the same."""
        return f"note-{self._digest(text, b'note', 8).hex()}"

    def hexadecimal(self, text: str) -> str:
        """`text` with its hexadecimal digits replaced, in the same form and case: UUIDs, WWNs, serial-like ids.

        The same digits in another form give the same digits in that other form. All-equal digits stay: they are junk.
        """
        digits = "".join(_HEX_DIGIT.findall(text))
        if len(set(digits.lower())) <= 1:
            return text
        # VMware writes disk UUIDs in both cases at once, 6000C29a: then the case belongs to the identity.
        is_mixed = digits not in {digits.lower(), digits.upper()}
        return _spread(self._hex_stream(digits if is_mixed else digits.lower()), text)

    def mac(self, text: str) -> str:
        """A locally administered unicast address in the same form; broadcast and zero stay."""
        digits = "".join(_HEX_DIGIT.findall(text)).lower()
        if len(set(digits)) <= 1:
            return text
        stream = bytearray(self._digest(digits, b"mac", 6))
        stream[0] = stream[0] & 0xFC | 0x02
        return _spread(stream.hex(), text)

    def _hex_stream(self, digits: str) -> str:
        stream = ""
        while len(stream) < len(digits):
            stream += self._digest(f"{len(stream)}:{digits}", b"hex", 64).hex()
        return stream

    def license(self, text: str) -> str:
        """A key of the same form: capitals and digits, with its dashes."""
        letters = "ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"
        stream = iter(self._digest(text.upper(), b"license", 64))
        return "".join(letters[next(stream, 0) % len(letters)] if sign.isalnum() else sign for sign in text)

    def ipv4(self, address: IPv4Address) -> IPv4Address:
        """An address of private or reserved space. Masks, loopback and 0.0.0.0 stay, as do the ends of a /24.

        Raises InputInvalid when there are more public networks than reserved space holds.
        """
        bits = int(address)
        if bits == 0 or bits in _MASKS or bits >> 24 == 127:
            return address
        for network, length in _PRIVATE:
            if bits >> (32 - length) == network >> (32 - length):
                return IPv4Address(self._permuted(bits, length))
        return IPv4Address(self._network(bits >> 16) << 16 | self._permuted(bits, 16) & 0xFFFF)

    def _network(self, network: int) -> int:
        if network not in self._public:
            if not self._pool:
                raise InputInvalid(
                    "there are more public networks in it than can be replaced by reserved ones",
                    remedy="record the sources one by one, or without --redact",
                )
            self._public[network] = self._pool.pop(0)
        return self._public[network]

    def _permuted(self, bits: int, kept: int) -> int:
        """Each bit behind the `kept` first ones is flipped or not, as the key and the bits before it decide.

        So common prefixes stay common and nothing collides. In the last byte the ways to 0 and to 255 are never
        flipped: .0, .1, .254 and .255 keep their meaning.
        """
        result = bits >> 24
        for index in range(1, 4):
            prefix, byte = bits >> (32 - 8 * index), bits >> (24 - 8 * index) & 0xFF
            flips = self._flips(f"{index}:{prefix}")
            result = result << 8 | _walked(byte, flips, max(0, kept - 8 * index), are_ends_kept=index == 3)
        return result

    def _flips(self, prefix: str) -> int:
        return int.from_bytes(self._digest(prefix, b"flip", 32), "big")

    def ipv6(self, address: IPv6Address) -> IPv6Address:
        """An address of 2001:db8::/32, sites and subnets kept apart; link-local stays link-local. Loopback stays."""
        bits = int(address)
        if bits <= 1:
            return address
        if address.ipv4_mapped is not None:
            return IPv6Address(_IPV4_MAPPED | int(self.ipv4(address.ipv4_mapped)))
        interface = self._shuffled(bits & 0xFFFFFFFFFFFFFFFF)
        if bits >> 64 == _IPV6_LINK_LOCAL >> 64:
            return IPv6Address(_IPV6_LINK_LOCAL | interface)
        site, subnet = bits >> 80, bits >> 64 & 0xFFFF
        high = _walked(subnet >> 8, self._flips(f"v6:{site}"), 0, are_ends_kept=False)
        low = _walked(subnet & 0xFF, self._flips(f"v6:{site}:{subnet >> 8}"), 0, are_ends_kept=False)
        return IPv6Address(_IPV6_DOCUMENTATION | self._site(site) << 80 | high << 72 | low << 64 | interface)

    def _site(self, site: int) -> int:
        if site not in self._sites:
            if len(self._sites) > 0xFFFF:
                raise InputInvalid(
                    "there are more IPv6 sites in it than can be replaced",
                    remedy="record the sources one by one, or without --redact",
                )
            self._sites[site] = len(self._sites)
        return self._sites[site]

    def _shuffled(self, interface: int) -> int:
        """A keyed permutation of 64 bits (four Feistel rounds); small numbers such as ::1 stay."""
        if interface < 1 << 16:
            return interface
        left, right = interface >> _HALF_BITS, interface & _HALF
        for turn in range(4):
            mixed = int.from_bytes(self._digest(f"{turn}:{right}", b"v6", 4), "big")
            left, right = right, left ^ mixed
        return left << _HALF_BITS | right


def _walked(byte: int, flips: int, kept: int, *, are_ends_kept: bool) -> int:
    node, result = 1, 0
    for position in range(8):
        bit = byte >> (7 - position) & 1
        is_end = are_ends_kept and (node == 1 << position or node == (2 << position) - 1)
        flip = 0 if position < kept or is_end else flips >> node & 1
        result = result << 1 | (bit ^ flip)
        node = node << 1 | bit
    return result


def _spread(stream: str, text: str) -> str:
    """The digits of `stream` in the places and the case of the hexadecimal digits of `text`."""
    digits = iter(stream)
    is_upper = text != text.lower() and text == text.upper()
    fresh = (next(digits) if _HEX_DIGIT.fullmatch(sign) else sign for sign in text)
    return "".join(sign.upper() if is_upper else sign for sign in fresh)


def _cased(word: str, variant: int) -> str:
    """The n-th way to write a word in capitals and small letters; 0 is the word itself."""
    result = ""
    for sign in word:
        if _LETTER.fullmatch(sign):
            result += sign.upper() if variant & 1 else sign
            variant >>= 1
        else:
            result += sign
    return result

"""known_hosts files: what they vouch for, and for whom."""

import base64
import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.errors import ConfigInvalid
from itops.sources.linux.known_hosts import read_known_hosts
from itops.ssh import HostKeys, fingerprint, key_type, merged


def key(seed: str, kind: str = "ssh-ed25519") -> bytes:
    return b"".join(len(part).to_bytes(4, "big") + part for part in (kind.encode(), seed.encode().ljust(32)))


def line(names: str, seed: str, kind: str = "ssh-ed25519") -> str:
    return f"{names} {kind} {base64.b64encode(key(seed, kind)).decode()} a comment"


def hashed(name: str) -> str:
    salt = b"twenty bytes of salt"
    digest = hmac.new(salt, name.encode(), hashlib.sha1).digest()
    return f"|1|{base64.b64encode(salt).decode()}|{base64.b64encode(digest).decode()}"


def vouched(tmp_path, *lines: str, host="10.1.0.5", port=22) -> HostKeys:
    path = tmp_path / "known_hosts"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return read_known_hosts(path).of(host, port)


@pytest.mark.parametrize(
    ("names", "port", "is_known"),
    [
        ("10.1.0.5", 22, True),
        ("srv01,10.1.0.5", 22, True),
        ("10.1.0.?", 22, True),
        ("10.1.*", 22, True),
        ("10.1.*,!10.1.0.5", 22, False),
        ("10.1.0.50", 22, False),
        ("[10.1.0.5]:2222", 22, False),
        ("[10.1.0.5]:2222", 2222, True),
        ("10.1.0.5", 2222, True),  # as OpenSSH: the bare name counts where no entry names the port
        (hashed("10.1.0.5"), 22, True),
        (hashed("10.1.0.6"), 22, False),
        (hashed("[10.1.0.5]:2222"), 2222, True),
        ("|1|not base64|x", 22, False),
        ("|1|", 22, False),
    ],
)
def test_a_line_speaks_for_the_hosts_it_names(tmp_path, names, port, is_known):
    assert vouched(tmp_path, line(names, "a"), port=port).vouch_for(key("a")) is is_known


def test_an_entry_with_the_port_beats_the_bare_name(tmp_path):
    found = vouched(tmp_path, line("10.1.0.5", "a"), line("[10.1.0.5]:2222", "b"), port=2222)
    assert (found.vouch_for(key("a")), found.vouch_for(key("b"))) == (False, True)


def test_a_revoked_key_is_never_vouched_for_even_by_its_fingerprint(tmp_path):
    found = vouched(tmp_path, line("10.1.0.5", "a"), "@revoked " + line("*", "a"), line("10.1.0.5", "b"))
    pinned = merged([found, HostKeys(fingerprints=frozenset({fingerprint(key("a"))}))])
    assert [found.vouch_for(key("a")), pinned.vouch_for(key("a")), found.vouch_for(key("b"))] == [False, False, True]


@pytest.mark.parametrize(
    "useless",
    [
        "# a comment",
        "",
        "10.1.0.5",
        "@cert-authority " + line("*", "a"),
        "10.1.0.5 ssh-rsa AAAA",
        "10.1.0.5 ssh-ed25519 ***",
    ],
)
def test_what_is_no_key_vouches_for_nothing(tmp_path, useless):
    assert not vouched(tmp_path, useless)


def test_a_key_says_by_which_algorithms_it_is_proven():
    found = HostKeys(keys=frozenset({key("a", "ssh-rsa"), key("b")}))
    assert set(found.types) == {"ssh-ed25519", "ssh-rsa", "rsa-sha2-256", "rsa-sha2-512"}


def test_a_file_that_is_not_there_is_said_with_a_remedy(tmp_path):
    with pytest.raises(ConfigInvalid) as failure:
        read_known_hosts(tmp_path / "none")
    assert "ssh-keyscan" in failure.value.remedy


@given(st.binary(max_size=300))
def test_any_file_is_read(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("any") / "known_hosts"
    path.write_bytes(content)
    assert not read_known_hosts(path).of("10.1.0.5", 22).vouch_for(key("a"))


@given(st.binary(max_size=100))
def test_any_bytes_have_a_type_or_none(raw):
    assert key_type(raw).isprintable()

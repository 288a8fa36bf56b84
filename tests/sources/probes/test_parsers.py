"""What replies mean, and that no bytes whatever break a parser."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.sources.probes.ber import OCTETS, elements, encode
from itops.sources.probes.kms import KMS
from itops.sources.probes.ldap import LDAP
from itops.sources.probes.ldap_ping import LDAP_PING
from itops.sources.probes.probe import NotRecognised, Recognised
from itops.sources.probes.prober import PROBES
from itops.sources.probes.sql_browser import SQL_BROWSER
from itops.sources.probes.tds import RELEASES, TDS, release_name
from itops.sources.probes.web import VSPHERE, WSUS
from itops.text import plain
from tests.sources.probes import replies

GOOD = {
    "kms": [replies.BIND_ACCEPTED, replies.BIND_REFUSED],
    "tds": [replies.prelogin(15, 0, 2000)],
    "sql-browser": [replies.browser(("MSSQLSERVER", "15.0.2000.5", "1433"))],
    "ldap": [replies.ROOT_DSE],
    "ldap-ping": [replies.PING],
    "wsus": [replies.page(200, replies.CABINET, "Content-Length: 72")],
    "wsus-tls": [replies.page(200, replies.CABINET, "Transfer-Encoding: chunked")],
    "vsphere": [replies.page(200, replies.VERSIONS)],
}


@pytest.mark.parametrize(("version", "year"), RELEASES.items())
def test_every_release_of_sql_server_is_called_by_its_year(version, year):
    major, minor = version
    found = TDS.parse(replies.prelogin(major, minor, 1600))
    assert found == Recognised(("sql",), f"it is SQL Server {year}, version {major}.{minor}.1600")


def test_a_release_that_nobody_knows_yet_has_a_version_and_no_year():
    assert release_name(99, 0) == "SQL Server"
    assert TDS.parse(replies.prelogin(99, 0, 1)).roles == ("sql",)


def test_a_tds_reply_without_a_version_is_not_recognised():
    with pytest.raises(NotRecognised):
        TDS.parse(replies.prelogin(0, 0, 0))
    with pytest.raises(NotRecognised):
        TDS.parse(bytes([4, 1, 0, 9, 0, 0, 0, 0, 0xFF]))


def test_the_browser_lists_instances_with_release_and_port():
    reply = replies.browser(("MSSQLSERVER", "15.0.2000.5", "1433"), ("OLD", "10.50.1600.1", ""))
    detail = SQL_BROWSER.parse(reply).detail
    assert detail == ("SQL Server Browser lists MSSQLSERVER (SQL Server 2019) on port 1433, OLD (SQL Server 2008 R2)")


def test_an_instance_name_cannot_steer_a_terminal():
    assert "\x1b" not in SQL_BROWSER.parse(replies.browser(("\x1b[31mX", "15.0", "1"))).detail


def test_a_browser_without_instances_is_not_recognised():
    with pytest.raises(NotRecognised):
        SQL_BROWSER.parse(b"\x05\x00\x00")


def test_the_root_dse_of_a_domain_controller_names_it():
    found = LDAP.parse(replies.ROOT_DSE)
    assert found.roles == ("dc",)
    assert found.detail == "dc1.example.ir is a domain controller and global catalogue of DC=example,DC=ir"


def test_a_read_only_domain_controller_is_told_as_one():
    capabilities = (b"1.2.840.113556.1.4.800", b"1.2.840.113556.1.4.1920")
    assert "read-only domain controller" in LDAP.parse(replies.entry(supportedCapabilities=capabilities)).detail


def test_another_directory_is_known_and_has_no_role():
    found = LDAP.parse(replies.entry(namingContexts=(b"dc=example,dc=ir",)))
    assert found == Recognised((), "an LDAP server of dc=example,dc=ir that is no Active Directory")


def test_an_application_directory_of_microsoft_is_no_domain_controller():
    assert LDAP.parse(replies.entry(supportedCapabilities=(b"1.2.840.113556.1.4.1851",))).roles == ()


def test_a_search_without_an_entry_is_not_recognised():
    end = replies.entry()[len(replies.entry()) - 14 :]
    assert LDAP.is_complete(end)
    with pytest.raises(NotRecognised):
        LDAP.parse(end)


def test_the_ping_tells_the_pdc_by_its_flag():
    assert LDAP_PING.parse(replies.PING) == Recognised(
        ("dc", "pdc"), "dc1.example.ir says that it is the PDC of example.ir"
    )


def test_without_the_flag_it_is_a_domain_controller_only():
    flags = bytes.fromhex("9d110000")
    assert LDAP_PING.parse(replies.PING.replace(flags, bytes.fromhex("9c110000"))).roles == ("dc",)


def test_a_name_that_points_at_itself_is_refused():
    netlogon = bytes([23, 0, 0, 0]) + (0x11D).to_bytes(4, "little") + bytes(16) + bytes([0xC0, 24])
    with pytest.raises(NotRecognised, match="forward"):
        LDAP_PING.parse(replies.entry(netlogon=(netlogon,)))


def test_kms_is_told_by_the_accepted_interface():
    assert KMS.parse(replies.BIND_ACCEPTED).roles == ("kms",)
    with pytest.raises(NotRecognised, match="without the activation interface"):
        KMS.parse(replies.BIND_REFUSED)


def test_a_cabinet_where_wsus_keeps_it_is_wsus():
    assert WSUS.parse(replies.page(200, replies.CABINET, "Content-Length: 72")).roles == ("wsus",)
    chunked = replies.page(200, b"48\r\n" + replies.CABINET, "Transfer-Encoding: chunked")
    assert WSUS.parse(chunked).roles == ("wsus",)


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(replies.page(404, b"no"), id="404"),
        pytest.param(replies.page(200, b"<html>not found"), id="a friendly page with status 200"),
        pytest.param(replies.page(401, replies.CABINET), id="401"),
        pytest.param(b"SSH-2.0-OpenSSH_9.2\r\n", id="ssh"),
    ],
)
def test_other_web_servers_are_no_wsus(reply):
    with pytest.raises(NotRecognised):
        WSUS.parse(reply)


def test_the_vsphere_api_tells_its_version():
    assert VSPHERE.parse(replies.page(200, replies.VERSIONS)) == Recognised(
        ("vcsa",), "it serves the vSphere API, version 8.0.2.0"
    )


def test_an_http_answer_is_complete_when_its_length_is_there():
    whole = replies.page(200, b"12345", "Content-Length: 5")
    assert WSUS.is_complete(whole)
    assert not WSUS.is_complete(whole[:-1])
    assert not WSUS.is_complete(replies.page(200, b"12345"))


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.name)
@given(data=st.data())
def test_no_bytes_raise_anything_but_not_recognised(probe, data):
    good = data.draw(st.sampled_from(GOOD[probe.name]))
    start = data.draw(st.integers(0, len(good)))
    reply = data.draw(
        st.one_of(
            st.binary(max_size=300),
            st.just(good[:start] + data.draw(st.binary(max_size=8)) + good[start + data.draw(st.integers(0, 8)) :]),
        )
    )
    assert probe.is_complete(reply) in {True, False}
    try:
        found = probe.parse(reply)
    except NotRecognised:
        return
    assert set(found.roles) <= set(probe.roles)
    assert plain(found.detail) == found.detail


@pytest.mark.parametrize("probe", PROBES, ids=lambda probe: probe.name)
@pytest.mark.parametrize("other", GOOD)
def test_no_probe_takes_the_reply_of_another_service_for_its_own(probe, other):
    for reply in GOOD[other]:
        try:
            roles = probe.parse(reply).roles
        except NotRecognised:
            continue
        assert not roles or other.removesuffix("-tls") == probe.name.removesuffix("-tls")


@given(st.binary(max_size=70_000))
def test_ber_reads_what_it_wrote(content):
    (element,) = elements(encode(OCTETS, content))
    assert element == (OCTETS, content)

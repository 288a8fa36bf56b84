"""Which entry of itops.yaml a pin belongs to; the handshake itself is tested in tests/e2e/test_tls.py."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from itops.cli.main import cli
from itops.cli.trust import Target, find_target, split_server
from itops.config.yaml import loads
from itops.errors import UsageWrong
from itops.tls import Trust

DOCUMENT = loads(
    "sources:\n"
    "  vc01: {type: vsphere, host: VC01.example.ir}\n"
    "  esx1: {type: vsphere, host: 10.0.0.5, port: 8443}\n"
    "  esx2: {type: vsphere, host: 10.0.0.5, port: 9443}\n"
    "  files: {type: rvtools, folder: x}\n"
    "alerts:\n"
    "  channels:\n"
    "    mail: {type: smtp, host: mail.example.ir, port: 465}\n"
    "    desk: {type: webhook, url: 'https://desk.example.ir:8443/hook'}\n"
    "    odd: {type: webhook, url: 'https://odd.example.ir:99999/hook'}\n"
    "delivery: {targets: {hq: {type: https, url: 'https://hq.example.ir/drop'}}}\n"
    "heartbeat: {pings: {far: {type: healthchecks, url: 'https://ping.example.ir/{token}'}}}\n"
)


@pytest.mark.parametrize(
    ("server", "source", "target"),
    [
        ("vc01.example.ir", None, Target(host="vc01.example.ir", port=443, place=("sources", "vc01"))),
        ("vc01.example.ir:444", None, Target(host="vc01.example.ir", port=444, place=("sources", "vc01"))),
        ("10.0.0.5:9443", None, Target(host="10.0.0.5", port=9443, place=("sources", "esx2"))),
        ("10.0.0.5", "esx1", Target(host="10.0.0.5", port=8443, place=("sources", "esx1"))),
        ("mail.example.ir", None, Target(host="mail.example.ir", port=465, place=("alerts", "channels", "mail"))),
        ("desk.example.ir", None, Target(host="desk.example.ir", port=8443, place=("alerts", "channels", "desk"))),
        ("hq.example.ir", None, Target(host="hq.example.ir", port=443, place=("delivery", "targets", "hq"))),
        ("ping.example.ir", None, Target(host="ping.example.ir", port=443, place=("heartbeat", "pings", "far"))),
        ("10.0.0.6", "vc01", Target(host="10.0.0.6", port=443, place=("sources", "vc01"))),
    ],
)
def test_the_host_tells_the_source_or_the_option_does(server, source, target):
    assert find_target(DOCUMENT, server, source) == target


@pytest.mark.parametrize(
    ("server", "source"), [("vc02", None), ("10.0.0.5", None), ("vc01.example.ir", "vc09"), ("odd.example.ir", None)]
)
def test_a_pin_that_belongs_nowhere_or_to_two_is_not_guessed(server, source):
    with pytest.raises(UsageWrong):
        find_target(DOCUMENT, server, source)


def test_settings_without_sources_have_no_target():
    for text in ("", "- a", "sources:\n", "sources: [a]\n", "sources: {a: b}\n"):
        with pytest.raises(UsageWrong):
            find_target(loads(text), "vc01", None)


@pytest.mark.parametrize(
    ("typed", "host", "port"),
    [
        ("vc01", "vc01", None),
        ("vc01:444", "vc01", 444),
        ("fd00::5", "fd00::5", None),
        ("[fd00::5]:444", "fd00::5", 444),
        ("[fd00::5]", "fd00::5", None),
    ],
)
def test_a_server_is_a_host_and_perhaps_a_port(typed, host, port):
    assert split_server(typed) == (host, port)


@given(st.text(max_size=12))
def test_any_text_is_a_server_or_a_usage_error(typed):
    try:
        host, port = split_server(typed)
    except UsageWrong:
        return
    assert host
    assert port is None or 0 < port < 65536


@given(st.text(max_size=80))
def test_any_text_is_a_kind_of_trust_or_says_what_to_write(text):
    try:
        trust = Trust.from_setting(text, Path("/folder"))
    except ValueError as wrong:
        assert "pin:sha256:HEX" in str(wrong)  # noqa: PT017  both outcomes are right
        return
    assert trust == Trust() or trust.ca_file is not None or len(trust.pin or "") == 64


@pytest.mark.parametrize("typed", ["0", "-1", "nan", "inf", "601", "soon"])
def test_a_time_that_cannot_be_waited_is_refused_before_anything_is_asked(typed):
    result = CliRunner().invoke(cli, ["trust", "vc01.example.ir", "--timeout", typed])
    assert result.exit_code == 2  # click's; the door makes it 64
    assert "--timeout" in result.output

"""One HTTPS connection: kept between questions, renewed when the server hangs up, broken off from outside."""

import threading
from pathlib import Path

import pytest

from itops.errors import SourceUnavailable
from itops.tls import Trust
from itops.wire.addresses import Address, address_of
from itops.wire.web import Web
from tests.delivery.raw_server import HOST, RawServer, reply


def web_to(server: RawServer) -> Web:
    address = Address(host=HOST, port=server.port, path="/hub")
    return Web(address, Trust(pin=server.identity.pin), 30, {"Authorization": "Bearer x"})


def test_a_server_that_hangs_up_between_two_questions_is_asked_again(tmp_path: Path) -> None:
    with RawServer(lambda _: reply(200, body=b"one"), tmp_path) as server:
        web = web_to(server)
        answers = [web.ask("GET", "/a", most_bytes=10).body for _ in range(3)]
        web.close()
    assert answers == [b"one"] * 3
    assert len(server.requests) == 3


def test_a_body_is_cut_at_what_was_asked_for(tmp_path: Path) -> None:
    with RawServer(lambda _: reply(200, body=b"0123456789"), tmp_path) as server:
        web = web_to(server)
        assert web.ask("GET", "/a", most_bytes=4).body == b"0123"
        assert web.ask("GET", "/a", most_bytes=10).body == b"0123456789"
        web.close()


def test_a_body_travels_over_a_new_connection_as_it_is(tmp_path: Path) -> None:
    with RawServer(lambda _: reply(200), tmp_path) as server:
        web = web_to(server)
        web.ask("HEAD", "/a")
        assert web.ask("PUT", "/a", blocks=iter([b"first", b"second"]), length=11).status == 200
        web.close()
    assert server.requests[1].endswith(b"\r\n\r\nfirstsecond")


def test_whoever_waits_for_an_answer_is_freed_by_breaking_off(tmp_path: Path) -> None:
    arrived, over = threading.Event(), threading.Event()

    def answer(_: bytes) -> bytes:
        arrived.set()
        over.wait(20)
        return b""

    with RawServer(answer, tmp_path) as server:
        web = web_to(server)

        def break_off() -> None:
            assert arrived.wait(20)
            web.break_off()

        breaking = threading.Thread(target=break_off)
        breaking.start()
        with pytest.raises(SourceUnavailable, match="broke"):
            web.ask("GET", "/a")
        over.set()
        breaking.join(20)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://hub.example", Address(host="hub.example", port=443, path="")),
        ("https://hub.example/", Address(host="hub.example", port=443, path="")),
        ("https://HUB.example:8443/it/ops/", Address(host="hub.example", port=8443, path="/it/ops")),
        ("https://[::1]:8443/a", Address(host="::1", port=8443, path="/a")),
    ],
)
def test_an_address_is_taken_apart(url: str, address: Address) -> None:
    assert address_of(url) == address


def test_an_ipv6_address_stands_in_brackets() -> None:
    assert address_of("https://[::1]/a").origin == "https://[::1]:443"

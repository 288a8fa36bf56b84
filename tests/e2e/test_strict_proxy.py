"""The strict proxy itself: each of its behaviours is there when it is switched on, and only then."""

import http.client
from collections.abc import Iterator

import pytest

from tests.e2e.plain_client import PlainClient
from tests.e2e.simulator import Simulator
from tests.e2e.strict_proxy import StrictProxy

pytestmark = pytest.mark.e2e


@pytest.fixture
def proxy(vcenter: Simulator) -> Iterator[StrictProxy]:
    with StrictProxy(vcenter.url, vcenter.certificate) as proxy:
        yield proxy


@pytest.fixture
def client(proxy: StrictProxy, vcenter: Simulator) -> PlainClient:
    client = PlainClient(proxy)
    assert client.login(vcenter.username, vcenter.password).status == 200
    return client


def pages(client: PlainClient, *paths: str, most: int | None = None) -> list[list[str]]:
    """The morefs of every page of all virtual machines."""
    answer = client.retrieve("VirtualMachine", *paths, most=most)
    found = [answer.objects]
    while (token := answer.value("token")) is not None:
        answer = client.more(token)
        assert answer.status == 200
        found.append(answer.objects)
    return found


def test_pages_hold_a_hundred_objects_although_nobody_asked(client: PlainClient, vcenter: Simulator) -> None:
    found = pages(client, "name")
    assert [len(page) for page in found[:-1]] == [100] * (len(found) - 1)
    assert len({ref for page in found for ref in page}) == vcenter.machine_count


def test_a_client_may_ask_for_smaller_pages_but_not_for_larger_ones(client: PlainClient) -> None:
    assert {len(page) for page in pages(client, "name", most=30)[:-1]} == {30}
    assert {len(page) for page in pages(client, "name", most=500)[:-1]} == {100}


def test_the_token_stands_before_the_objects_and_may_be_zero(proxy: StrictProxy, client: PlainClient) -> None:
    proxy.first_token = "0"
    answer = client.retrieve("VirtualMachine", "name")
    assert answer.value("token") == "0"
    assert answer.text.index("<token>") < answer.text.index("<objects>")


def test_a_token_is_good_once_and_not_after_it_was_cancelled(proxy: StrictProxy, client: PlainClient) -> None:
    first = client.retrieve("VirtualMachine", "name").value("token")
    assert first is not None
    assert client.more(first).status == 200
    assert client.more(first).fault == "InvalidArgument"
    second = client.retrieve("VirtualMachine", "name").value("token")
    assert second is not None
    assert client.cancel(second).status == 200
    assert client.more(second).fault == "InvalidArgument"
    assert second not in proxy.open_tokens


def test_unset_properties_are_named_without_a_value_on_continued_pages_only(
    proxy: StrictProxy, client: PlainClient
) -> None:
    proxy.bare_properties = True
    first = client.retrieve("VirtualMachine", "name", "snapshot")
    bare = "<propSet><name>snapshot</name></propSet>"
    assert bare not in first.text
    assert bare in client.more(first.value("token") or "").text


def test_a_path_newer_than_the_claimed_version_faults_the_whole_call(proxy: StrictProxy, client: PlainClient) -> None:
    proxy.api_version = "6.5"
    assert client.content().value("apiVersion") == "6.5"
    refused = client.retrieve("VirtualMachine", "name", "config.createDate")
    assert (refused.status, refused.fault, refused.value("name")) == (500, "InvalidProperty", "config.createDate")
    assert refused.value("faultstring") == ""
    assert client.retrieve("VirtualMachine", "name", "config.version").status == 200


def test_a_forbidden_path_is_missing_and_the_rest_is_there(proxy: StrictProxy, client: PlainClient) -> None:
    proxy.forbidden = {"VirtualMachine.config.annotation", "Datastore"}
    machine = client.retrieve("VirtualMachine", "name", "config.annotation").text
    assert "<path>config.annotation</path>" in machine
    assert "<propSet><name>config.annotation</name>" not in machine
    assert "<propSet><name>name</name>" in machine
    assert 'xsi:type="NoPermission"' in machine
    assert "<propSet>" not in client.retrieve("Datastore", "name", "summary").text


def test_a_forbidden_method_is_refused_by_a_fault(proxy: StrictProxy, client: PlainClient) -> None:
    proxy.forbidden_methods = {"CreateContainerView"}
    answer = client.call("CreateContainerView", '<_this type="ViewManager">ViewManager</_this>')
    assert (answer.status, answer.fault) == (500, "NoPermission")


def test_a_machine_that_vanishes_is_on_no_later_page_and_faults_when_named(
    proxy: StrictProxy, client: PlainClient
) -> None:
    lost = pages(client, "name")[1][0]
    proxy.vanishes = lost
    assert lost not in {ref for page in pages(client, "name") for ref in page}
    assert client.look_at("VirtualMachine", lost, "name").fault == "ManagedObjectNotFound"


def test_a_dropped_session_is_dead_until_the_next_login(
    proxy: StrictProxy, client: PlainClient, vcenter: Simulator
) -> None:
    proxy.drop_session_at = 2
    token = client.retrieve("VirtualMachine", "name").value("token")
    assert client.more(token or "").fault == "NotAuthenticated"
    assert not proxy.open_sessions
    client.headers.clear()
    client.login(vcenter.username, vcenter.password)
    assert client.retrieve("VirtualMachine", "name").status == 200


def test_a_retrieve_with_a_dead_cookie_may_answer_with_everything_missing(
    proxy: StrictProxy, client: PlainClient
) -> None:
    view = client.view("VirtualMachine")
    proxy.drop_session_at, proxy.dead_session = 1, "missing"
    answer = client.retrieve("VirtualMachine", "name", view=view)
    assert answer.status == 200
    assert "<propSet>" not in answer.text
    assert 'xsi:type="NotAuthenticated"' in answer.text


def test_the_view_of_a_dead_session_may_be_what_is_missed(proxy: StrictProxy, client: PlainClient) -> None:
    view = client.view("VirtualMachine")
    proxy.drop_session_at, proxy.dead_session = 1, "view gone"
    assert client.retrieve("VirtualMachine", "name", view=view).fault == "ManagedObjectNotFound"


def test_an_answer_stalls_half_way_once(proxy: StrictProxy, client: PlainClient) -> None:
    proxy.stall_at, proxy.stall_seconds, client.timeout_seconds = 1, 1.5, 0.5
    with pytest.raises(TimeoutError):
        client.retrieve("VirtualMachine", "name", "layoutEx")
    assert client.retrieve("VirtualMachine", "name", "layoutEx").status == 200


def test_a_connection_is_cut_half_way_once(proxy: StrictProxy, client: PlainClient) -> None:
    proxy.cut_at = 1
    with pytest.raises((http.client.IncompleteRead, OSError)):
        client.retrieve("VirtualMachine", "name", "layoutEx")
    assert client.retrieve("VirtualMachine", "name", "layoutEx").status == 200


def test_answers_are_zipped_for_those_who_accept_it(proxy: StrictProxy, client: PlainClient) -> None:
    view = client.view("VirtualMachine")
    client.received_bytes = 0
    plain = client.retrieve("VirtualMachine", "name", "layoutEx", view=view)
    plain_bytes, client.received_bytes, client.accept = client.received_bytes, 0, "gzip"
    assert client.retrieve("VirtualMachine", "name", "layoutEx", view=view).objects == plain.objects
    assert client.received_bytes < plain_bytes / 4


def test_types_are_compact_unless_they_shall_not_be(proxy: StrictProxy, client: PlainClient) -> None:
    assert "XMLSchema-instance:type=" not in client.retrieve("VirtualMachine", "config.hardware.device").text
    proxy.compact_types = False
    proxy.page_size = None
    assert "XMLSchema-instance:type=" in client.retrieve("VirtualMachine", "config.hardware.device").text


def test_a_raw_control_character_stands_in_a_name(proxy: StrictProxy, client: PlainClient) -> None:
    proxy.raw_controls, proxy.page_size = True, None
    assert "esc\x1b[31mred" in client.retrieve("VirtualMachine", "name").text


def test_every_method_is_counted_and_leaks_are_seen(proxy: StrictProxy, client: PlainClient) -> None:
    view = client.view("Datastore")
    client.retrieve("Datastore", "name", view=view)
    assert proxy.calls["CreateContainerView"] == proxy.calls["RetrievePropertiesEx"] == proxy.calls["Login"] == 1
    assert proxy.open_views == {view}
    assert len(proxy.open_sessions) == 1
    client.destroy(view)
    client.logout()
    assert not proxy.open_views
    assert not proxy.open_sessions
    assert proxy.requests == sum(proxy.calls.values())

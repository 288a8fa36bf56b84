"""A secret is never shown, whatever it is done to."""

import copy
import json
import logging
import pickle
import traceback

import pytest

from itops.secrets import Secret

CANARY = "canary-of-the-password"


@pytest.fixture
def secret():
    return Secret(CANARY)


@pytest.mark.parametrize(
    "show",
    [
        pytest.param(repr, id="repr"),
        pytest.param(str, id="str"),
        pytest.param(format, id="format"),
        pytest.param("{:>40}".format, id="padded"),
        pytest.param("{!r:40}".format, id="padded repr"),
        pytest.param(lambda secret: f"{secret}", id="f-string"),
        pytest.param(lambda secret: "%s %r" % (secret, secret), id="percent"),  # noqa: UP031  the oldest way counts
        pytest.param(lambda secret: repr([{"password": secret}]), id="inside a list"),
        pytest.param(lambda secret: json.dumps(secret, default=str), id="JSON"),
        pytest.param(lambda secret: repr(dir(secret)), id="its attributes"),
    ],
)
def test_a_secret_shows_stars(secret, show):
    assert CANARY not in show(secret)


def test_stars_are_all_that_is_shown(secret):
    assert (repr(secret), str(secret), f"{secret:>10}") == ("***", "***", "***")


def test_a_secret_gives_itself_up_when_asked(secret):
    assert secret.reveal() == CANARY


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_secret_is_not_pickled(secret, protocol):
    with pytest.raises(TypeError, match="not pickled") as failure:
        pickle.dumps({"password": secret}, protocol)
    assert CANARY not in str(failure.value)


def test_a_secret_is_not_copied(secret):
    with pytest.raises(TypeError):
        copy.deepcopy(secret)


def test_a_traceback_with_its_variables_shows_no_secret(secret):
    def login(password: Secret) -> None:
        settings = {"password": password}
        raise ValueError(f"refused {settings}")

    try:
        login(secret)
    except ValueError as failure:
        shown = "".join(traceback.TracebackException.from_exception(failure, capture_locals=True).format())
    assert "password = ***" in shown
    assert CANARY not in shown


def test_a_log_line_shows_no_secret(secret, caplog):
    logging.getLogger("office").warning("login with %s", secret)
    assert "login with ***" in caplog.text
    assert CANARY not in caplog.text


def test_secrets_are_compared_by_what_they_hide():
    assert Secret("a") == Secret("a")
    assert hash(Secret("a")) == hash(Secret("a"))
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"


def test_a_secret_takes_no_other_attributes(secret):
    with pytest.raises(AttributeError):
        secret.note = "x"
    assert not hasattr(secret, "__dict__")

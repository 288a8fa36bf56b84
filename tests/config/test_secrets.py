"""Secrets are known by reference, fetched late, and never shown."""

import base64
import copy
import io
import logging
import os
import pickle
import sys
import traceback
from pathlib import Path
from types import ModuleType
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itops.config.secrets import Redaction, ReferencedSecret, redact, resolve
from itops.config.settings import Plugins, load
from itops.errors import ConfigInvalid
from itops.secrets import Secret
from tests.config.plugins import REGISTRY

CANARY = "cAnAry+/ 42é%"


def secret_file(folder: Path, content: str = CANARY + "\n", mode: int = 0o600) -> Path:
    path = folder / "secret"
    path.write_text(content, encoding="utf-8")
    path.chmod(mode)
    return path


def refusal(reference: str, folder: Path) -> ConfigInvalid:
    with pytest.raises(ConfigInvalid) as caught:
        resolve(reference, folder)
    return caught.value


def test_a_file_is_found_beside_the_settings_and_its_newline_is_not_part_of_it(tmp_path):
    secret_file(tmp_path)
    assert resolve("file:secret", tmp_path).reveal() == CANARY
    secret_file(tmp_path, CANARY + "\r\n")
    assert resolve("file:secret", tmp_path).reveal() == CANARY


@pytest.mark.skipif(os.name != "posix", reason="modes are of POSIX")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o620, 0o602])
def test_a_file_that_others_may_open_is_refused_with_the_command_that_closes_it(tmp_path, mode):
    path = secret_file(tmp_path, mode=mode)
    refused = refusal("file:secret", tmp_path)
    assert refused.remedy == f"chmod 600 {path}"
    assert CANARY not in refused.problem


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_another_user_is_refused(tmp_path):
    os.chown(secret_file(tmp_path), 12345, -1)
    assert "belongs to another user" in refusal("file:secret", tmp_path).problem


def test_a_pipe_instead_of_a_file_is_refused_without_waiting(tmp_path):
    os.mkfifo(tmp_path / "secret", 0o600)
    assert "is not a file" in refusal("file:secret", tmp_path).problem


@pytest.mark.parametrize("content", ["", "\n", "\nsecond line"])
def test_an_empty_first_line_is_no_secret(tmp_path, content):
    secret_file(tmp_path, content)
    assert "is empty" in refusal("file:secret", tmp_path).problem


def test_a_missing_file_variable_or_credential_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.delenv("ITOPS_TEST_SECRET", raising=False)
    monkeypatch.delenv("CREDENTIALS_DIRECTORY", raising=False)
    for reference in ("file:nowhere", "env:ITOPS_TEST_SECRET", "systemd:vc01"):
        refused = refusal(reference, tmp_path)
        assert refused.problem
        assert refused.remedy


def test_the_environment_and_systemd_give_what_they_hold(tmp_path, monkeypatch):
    monkeypatch.setenv("ITOPS_TEST_SECRET", CANARY)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    secret_file(tmp_path, mode=0o400)
    assert resolve("env:ITOPS_TEST_SECRET", tmp_path).reveal() == CANARY
    assert resolve("systemd:secret", tmp_path).reveal() == CANARY
    assert "not the name" in refusal("systemd:../secret", tmp_path).problem


def test_a_command_runs_without_a_shell_beside_the_settings(tmp_path):
    secret_file(tmp_path)
    assert resolve("command:cat secret", tmp_path).reveal() == CANARY
    assert resolve("command:echo '$HOME;id'", tmp_path).reveal() == "$HOME;id"


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("false", "ended with code 1"),
        ("/nowhere/program", "cannot be run"),
        ("true", "printed nothing"),
        ("echo 'open", "open quote"),
    ],
)
def test_a_command_that_gives_nothing_says_why(tmp_path, command, said):
    assert said in refusal(f"command:{command}", tmp_path).problem


def test_a_keyring_that_is_not_installed_is_an_optional_extra(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "keyring", None)
    assert "itops[keyring]" in refusal("keyring:vc01/itops-ro", tmp_path).remedy


def test_a_keyring_is_asked_for_service_and_user(tmp_path, monkeypatch):
    keyring, errors = ModuleType("keyring"), ModuleType("keyring.errors")
    errors.KeyringError = type("KeyringError", (Exception,), {})  # type: ignore[attr-defined]
    held = {("vc/01", "itops-ro"): CANARY}
    keyring.get_password = lambda service, user: held.get((service, user))  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "keyring", keyring)
    monkeypatch.setitem(sys.modules, "keyring.errors", errors)
    assert resolve("keyring:vc/01/itops-ro", tmp_path).reveal() == CANARY
    assert "holds no such entry" in refusal("keyring:vc01/nobody", tmp_path).problem
    assert "names no entry" in refusal("keyring:vc01", tmp_path).problem


@given(st.text(max_size=30))
def test_a_literal_password_is_refused_and_not_repeated(text):
    if text.partition(":")[0] in {"file", "env", "systemd", "keyring", "command"}:
        return
    with pytest.raises(ConfigInvalid) as caught:
        ReferencedSecret(text, Path())
    assert caught.value.problem == "a secret is not written here, only where to find it"


def shown_by(failure: BaseException) -> str:
    """All that a crash reporter could print: messages, chain, and the locals of every frame but the test's own."""
    frames = failure.__traceback__ and failure.__traceback__.tb_next
    trace = traceback.TracebackException(type(failure), failure, frames, capture_locals=True)
    assert len(trace.stack) > 0
    return "".join(trace.format()) + repr(failure) + str(failure) + str(vars(failure))


def test_a_secret_shows_itself_nowhere(tmp_path):
    secret_file(tmp_path)
    secret = resolve("file:secret", tmp_path)
    shown = [repr(secret), str(secret), f"{secret}", f"{secret!r:>10}", repr([secret]), repr(vars_of(secret))]
    assert CANARY not in "".join(shown)
    for take in (pickle.dumps, copy.deepcopy):
        with pytest.raises(TypeError):
            take(secret)


def vars_of(secret: ReferencedSecret) -> dict[str, object]:
    return {name: getattr(secret, name) for name in ReferencedSecret.__slots__}


def test_a_literal_password_in_the_file_is_in_no_traceback(tmp_path):
    path = tmp_path / "itops.yaml"
    path.write_text(
        "office: {id: alborz, foo: 1}\nsources:\n  vc01: {type: vsphere, host: a, username: b, password: cAnArY42}\n"
        "  vc02: {type: vsphere, host: a, username: b, pasword: cAnArY42}\nstore: {url: 'postgresql://u:cAnArY42@h/d'}\n"
    )
    with pytest.raises(ConfigInvalid) as caught:
        load(path, Plugins(sources=REGISTRY))
    assert "sources.vc01.password" in caught.value.problem
    assert "cAnArY42" not in shown_by(caught.value)


def test_a_literal_password_in_a_file_that_is_not_yaml_is_in_no_traceback(tmp_path):
    path = tmp_path / "itops.yaml"
    for text in ("password: cAnArY42\npassword: cAnArY42\n", "password: 'cAnArY42\n", "a: [\npassword: cAnArY42\n"):
        path.write_text(text)
        with pytest.raises(ConfigInvalid) as caught:
            load(path, Plugins(sources=REGISTRY))
        assert "cAnArY42" not in shown_by(caught.value)


def test_a_resolver_that_fails_after_it_saw_the_secret_shows_nothing_of_it(tmp_path):
    script = tmp_path / "leak"
    script.write_text("#!/bin/sh\necho cAnArY42\necho cAnArY42 >&2\nexit 3\n")
    script.chmod(0o700)
    refused = refusal(f"command:{script}", tmp_path)
    assert "ended with code 3" in refused.problem
    assert "cAnArY42" not in shown_by(refused)
    (tmp_path / "secret").write_bytes(b"cAnArY42\xff\n")
    (tmp_path / "secret").chmod(0o600)
    assert "cAnArY42" not in shown_by(refusal("file:secret", tmp_path))


def test_settings_show_no_secret_that_was_fetched(tmp_path):
    secret_file(tmp_path)
    path = tmp_path / "itops.yaml"
    path.write_text(
        "office: {id: alborz}\nsources: {vc01: {type: vsphere, host: a, username: b, password: file:secret}}\n"
    )
    settings = load(path, Plugins(sources=REGISTRY))
    assert [secret.reveal() for _, secret in settings.secrets()] == [CANARY]
    assert CANARY not in repr(settings) + str(settings) + repr(settings.sources[0].build())


def test_a_file_is_not_touched_until_the_secret_is_needed(tmp_path):
    path = tmp_path / "itops.yaml"
    path.write_text(
        "office: {id: alborz}\nsources: {vc01: {type: vsphere, host: a, username: b, password: file:nowhere}}\n"
    )
    [(where, secret)] = load(path, Plugins(sources=REGISTRY)).secrets()
    assert where == "sources.vc01.password"
    assert secret == ReferencedSecret("file:nowhere", tmp_path)
    assert secret != Secret("")
    with pytest.raises(ConfigInvalid):
        secret.reveal()


@given(st.text(alphabet=st.characters(codec="utf-8"), min_size=4, max_size=30), st.text(max_size=20))
def test_redaction_hides_every_form_of_a_secret(value, around):
    forms = [value, quote(value), quote(value, safe=""), base64.b64encode(value.encode()).decode(), repr(value)[1:-1]]
    for form in forms:
        hidden = redact(f"\x00{form}\x00{around}", [Secret(value)])
        assert hidden.startswith("\x00***") or form in {"***", "*"}


def test_redaction_leaves_the_rest_and_short_secrets_alone():
    assert redact("GET https://vc01/?p=hunter2 failed", [Secret("hunter2")]) == "GET https://vc01/?p=*** failed"
    assert redact("a banana", [Secret("a")]) == "a banana"


def test_redaction_does_not_fetch_a_secret_only_to_hide_it(tmp_path):
    assert redact("text", [ReferencedSecret("file:nowhere", tmp_path)]) == "text"


def test_a_log_holds_no_secret_in_messages_arguments_and_tracebacks():
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.addFilter(Redaction([Secret("hunter2")]))
    logger = logging.Logger("test")
    logger.addHandler(handler)
    logger.warning("login with %s", "hunter2")
    try:
        int("https://vc01/?password=hunter2")
    except ValueError:
        logger.exception("it failed for hunter2")
    assert "hunter2" not in stream.getvalue()
    for line in ("login with ***", "it failed for ***", "'https://vc01/?password=***'"):
        assert line in stream.getvalue()


def test_a_folder_is_no_secret(tmp_path):
    (tmp_path / "secret").mkdir(mode=0o700)
    refused = refusal("file:secret", tmp_path)
    assert refused.problem == f"the secret file {tmp_path / 'secret'} is not a file"

"""An archive is encrypted once for its recipients, and what cannot be encrypted is not sent plain instead."""

import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, ClassVar

import pytest

from itops.bundles.targets import BundleOnDisk, Progress, Put, Role
from itops.config.settings import Plugins, load
from itops.delivery.age import decrypt
from itops.delivery.drop import send
from itops.delivery.sealing import Way, WaySettings, name_of_sealed, sealed, sealed_beside
from itops.errors import ConfigInvalid, SourceUnavailable, StoreUnavailable
from itops.plugins import Registry
from tests.bundles.beating import beat
from tests.delivery.age_keys import new_key, recipients
from tests.delivery.delivering import silent
from tests.delivery.signed_bundle import contents, signed_bundle
from tests.delivery.test_drop import Memory

KEY, NEXT = new_key(), new_key()


@pytest.fixture
def bundle(tmp_path: Path) -> BundleOnDisk:
    return signed_bundle(tmp_path / "out", 700_000)


def opened(bundle: BundleOnDisk, folder: Path) -> bytes:
    with bundle.parts[0].path.open("rb") as file, (folder / "opened").open("wb") as out:
        decrypt(file, out, KEY.identities, 10_000_000)
    return (folder / "opened").read_bytes()


def test_the_archive_alone_is_encrypted_and_named_by_its_own_bytes(bundle: BundleOnDisk, tmp_path: Path) -> None:
    made = sealed(bundle, KEY.recipients)
    archive = made.parts[0]
    assert made.parts[1:] == bundle.parts[1:]
    assert (made.sha256, made.name) == (bundle.sha256, bundle.name)
    assert archive.name == f"{bundle.name}.{archive.sha256[:12]}.zip.age"
    assert name_of_sealed(archive.name) == bundle.name
    assert archive.size_bytes == archive.path.stat().st_size > bundle.parts[0].size_bytes
    assert opened(made, tmp_path) == bundle.parts[0].path.read_bytes()


def test_asked_again_it_is_the_same_and_for_others_it_is_another(bundle: BundleOnDisk) -> None:
    first = sealed(bundle, KEY.recipients)
    assert sealed(bundle, KEY.recipients) == first
    both = sealed(bundle, recipients(NEXT.public, KEY.public))
    assert both.parts[0].name != first.parts[0].name
    assert sealed(bundle, recipients(KEY.public, NEXT.public)) == both
    assert sealed(bundle, KEY.recipients) == first


@pytest.mark.parametrize("damage", [b"", b"half", None], ids=["emptied", "cut", "lost"])
def test_one_that_is_not_as_it_was_made_is_made_anew_under_another_name(
    bundle: BundleOnDisk, tmp_path: Path, damage: bytes | None
) -> None:
    first = sealed(bundle, KEY.recipients).parts[0]
    first.path.write_bytes(damage) if damage is not None else first.path.unlink()
    again = sealed(bundle, KEY.recipients)
    assert again.parts[0].name != first.name
    assert opened(again, tmp_path) == bundle.parts[0].path.read_bytes()
    assert sealed(bundle, KEY.recipients) == again


def test_what_a_killed_process_left_is_not_taken_for_an_archive(bundle: BundleOnDisk, tmp_path: Path) -> None:
    folder = bundle.parts[0].path.parent / f"sealed-{KEY.recipients.mark}"
    folder.mkdir()
    (folder / "sealing.part").write_bytes(b"age-encryption.org/v1\n" * 100_000)
    made = sealed(bundle, KEY.recipients)
    assert opened(made, tmp_path) == bundle.parts[0].path.read_bytes()
    assert [path.name for path in folder.iterdir()] == [made.parts[0].name]


def test_where_it_cannot_be_written_it_is_said(bundle: BundleOnDisk) -> None:
    (bundle.parts[0].path.parent / f"sealed-{KEY.recipients.mark}").write_text("a file where a folder should be")
    with pytest.raises(StoreUnavailable, match="cannot be encrypted"):
        sealed(bundle, KEY.recipients)


@pytest.mark.parametrize(
    ("name", "bundle"),
    [
        ("a.0123456789ab.zip.age", "a"),
        ("a.b.0123456789ab.zip.age", "a.b"),
        ("a.0123456789a.zip.age", None),
        ("a.zip.age", None),
        ("0123456789ab.zip.age", None),
        ("a.0123456789ab.zip", None),
        ("a.0123456789ab.zip.age.part", None),
    ],
)
def test_the_name_tells_the_bundle(tmp_path: Path, name: str, bundle: str | None) -> None:
    assert name_of_sealed(name) == bundle
    (tmp_path / name).write_bytes(b"")
    (tmp_path / "other.0123456789ab.zip.age").write_bytes(b"")
    (tmp_path / "a.ffffffffffff.zip.age").mkdir()
    assert [path.name for path in sealed_beside("a", tmp_path)] == ([name] if bundle == "a" else [])


def test_names_that_a_search_would_take_for_patterns_find_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "a.0123456789ab.zip.age").write_bytes(b"")
    for name in ("*", "**", "[a]", "?", ".."):
        assert sealed_beside(name, tmp_path) == ()


class Kept(Way[WaySettings]):
    """A way that ends in a drop in memory."""

    Settings: ClassVar[type] = WaySettings
    drop: Memory

    def _carry(self, bundle: BundleOnDisk, progress: Progress) -> Put:
        return send(self.drop, bundle, progress)


def way(drop: Memory, **settings: Any) -> Kept:
    made = Kept("memory", WaySettings(**settings))
    made.drop = drop
    return made


def test_a_cut_try_is_gone_on_with_by_the_next_process(bundle: BundleOnDisk) -> None:
    drop = Memory(breaks_after=500_000)
    with pytest.raises(SourceUnavailable):
        way(drop, encrypt_to=KEY.recipients).put(bundle, silent)
    drop.breaks_after = None
    put = way(drop, encrypt_to=recipients(KEY.public)).put(bundle, silent)
    expected = sealed(bundle, KEY.recipients)
    assert drop.files == contents(expected)
    assert put.resumed_bytes > 400_000
    assert put.sent_bytes + put.resumed_bytes == expected.size_bytes
    again = way(drop, encrypt_to=KEY.recipients).put(bundle, silent)
    assert (again.sent_bytes, again.resumed_bytes) == (0, expected.size_bytes)


def test_a_way_of_others_that_knows_bundles_alone_says_so(bundle: BundleOnDisk) -> None:
    with pytest.raises(SourceUnavailable, match="memory cannot carry heartbeats"):
        way(Memory()).beat(beat())


def test_without_recipients_the_archive_goes_as_it_is(bundle: BundleOnDisk) -> None:
    drop = Memory()
    way(drop).put(bundle, silent)
    assert drop.files == contents(bundle)


def test_what_cannot_be_encrypted_is_not_sent_plain(bundle: BundleOnDisk, monkeypatch: pytest.MonkeyPatch) -> None:
    drop = Memory()
    monkeypatch.setitem(sys.modules, "pyrage", None)  # as where it is not installed
    with pytest.raises(ConfigInvalid):
        way(drop, encrypt_to=KEY.recipients).put(bundle, silent)
    assert drop.files == {}
    assert drop.deeds == []


@pytest.mark.parametrize("point", entry_points(group="itops.targets"), ids=lambda point: point.name)
def test_every_way_of_ours_can_encrypt(point: Any) -> None:
    target = point.load()
    assert issubclass(target, Way)
    assert issubclass(target.Settings, WaySettings)
    assert target.put is Way.put  # which encrypts; a way of its own would be free not to


def mistakes(tmp_path: Path, targets: str) -> str:
    path = tmp_path / "itops.yaml"
    path.write_text(f"office: {{id: alborz}}\ndelivery:\n  targets:\n{targets}")
    with pytest.raises(ConfigInvalid) as caught:
        load(path, Plugins(targets=Registry.from_entry_points("itops.targets")))
    return caught.value.problem


def test_the_keys_are_read_from_the_file_one_or_several(tmp_path: Path) -> None:
    (tmp_path / "itops.yaml").write_text(
        f"""office: {{id: alborz}}
delivery:
  targets:
    stick: {{type: folder, path: /mnt/stick, encrypt_to: {KEY.public}}}
    share: {{type: folder, path: /mnt/share, encrypt_to: [{KEY.public}, {NEXT.public}]}}
    plain: {{type: folder, path: /mnt/plain}}
"""
    )
    settings = load(tmp_path / "itops.yaml", Plugins(targets=Registry.from_entry_points("itops.targets")))
    assert settings.delivery is not None
    told = {name: target.settings.encrypt_to for name, target in settings.delivery.targets.items()}
    assert told == {"stick": KEY.recipients, "share": recipients(KEY.public, NEXT.public), "plain": None}


def test_a_wrong_key_is_named_with_its_line(tmp_path: Path) -> None:
    slipped = KEY.public[:-1] + ("q" if KEY.public[-1] != "q" else "p")
    told = mistakes(
        tmp_path,
        f"""    stick:
      type: folder
      path: /mnt/stick
      encrypt_to: {slipped}
    share:
      type: folder
      path: /mnt/share
      encrypt_to: [{KEY.public}, ssh-ed25519 AAAA]
    leak:
      type: folder
      path: /mnt/leak
      encrypt_to: {KEY.secret}
""",
    )
    first, second, third = told.splitlines()[1:]
    assert "itops.yaml:7" in first
    assert "delivery.targets.stick.encrypt_to" in first
    assert "a letter is wrong" in first
    assert "itops.yaml:11" in second
    assert "delivery.targets.share.encrypt_to" in second
    assert "SECRET" in third
    assert KEY.secret not in told


MAIL = "type: smtp, host: mail.example, sender: it@a.example, recipient: hq@a.example, username: it, password: env:HOME"


def test_mail_is_encrypted_or_said_to_be_plain(tmp_path: Path) -> None:
    told = mistakes(
        tmp_path,
        f"""    mail: {{{MAIL}}}
    both: {{{MAIL}, encrypt_to: {KEY.public}, unencrypted: true}}
    plain: {{{MAIL}, unencrypted: true}}
    right: {{{MAIL}, encrypt_to: {KEY.public}}}
""",
    )
    missing, both = told.splitlines()[1:]
    assert "itops.yaml:4" in missing
    assert "unencrypted: true" in missing
    assert "itops.yaml:5" in both
    assert "contradict" in both


def test_the_role_of_an_encrypted_archive_is_that_of_an_archive(bundle: BundleOnDisk) -> None:
    assert [part.role for part in sealed(bundle, KEY.recipients).parts] == list(Role)

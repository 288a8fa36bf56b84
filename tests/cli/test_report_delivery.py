import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from itops.bundles.keys import AllowedKey, PublicKey, allowed_signers_text
from itops.bundles.policy import DeliveryPolicy, HeadquartersKey
from itops.bundles.targets import Target
from itops.cli import report_delivery
from itops.cli.delivery_office import DeliveryOffice
from itops.cli.office import Office
from itops.cli.setting import read_setting
from itops.delivery.folder import FolderTarget, FolderTargetSettings
from itops.delivery.keys import KeyFolder
from itops.errors import ConfigInvalid, UsageWrong
from tests.bundles.made import HUB_KEY, NOW, public
from tests.delivery.delivering import ClosedWay, hub_in

POLICY = DeliveryPolicy(headquarters=(HeadquartersKey(key=public(HUB_KEY)),))


@dataclass(frozen=True)
class Ran:
    code: int
    stdout: str
    stderr: str

    @property
    def data(self) -> Any:
        return json.loads(self.stdout)["data"]


@dataclass
class Door:
    folder: Path
    now: datetime = NOW
    targets: list[Target] = field(default_factory=list)

    def __post_init__(self) -> None:
        (self.folder / "itops.yaml").write_text("office: {id: alborz, calendar: jalali, timezone: Asia/Tehran}\n")
        self.report.mkdir()
        (self.report / "fa").mkdir()
        (self.report / "fa" / "گزارش.txt").write_text("متن")
        (self.report / "table.csv").write_text("a,b\n")
        self.drop.mkdir()
        self.targets = [FolderTarget("share", FolderTargetSettings(path=self.drop))]

    @property
    def report(self) -> Path:
        return self.folder / "report"

    @property
    def drop(self) -> Path:
        return self.folder / "drop"

    def run(self, command: str, *words: str) -> Ran:
        path = self.folder / "itops.yaml"
        office = Office(setting=read_setting(path), now=self.now, config_path=path)
        delivery = DeliveryOffice(office, policy=POLICY, targets=tuple(self.targets))
        chosen: click.Command = getattr(report_delivery, command)
        try:
            ran = CliRunner().invoke(chosen, list(words), obj=delivery, catch_exceptions=False)
        finally:
            delivery.close()
        return Ran(ran.exit_code, ran.stdout, ran.stderr)

    def upload(self) -> Ran:
        return self.run("upload", "--period", "1405-08", str(self.report), "--output", "json")

    def collect(self) -> None:
        """Headquarters knows whatever key the office has."""
        keys = KeyFolder(path=self.folder / "state" / "keys").all()
        offices = tuple(AllowedKey(signer="alborz", key=key) for key in keys)
        hub_in(self.folder / "hub", offices).collect(self.drop, self.now)


@pytest.fixture
def door(tmp_path: Path) -> Door:
    return Door(tmp_path)


def test_the_first_upload_makes_a_key_and_shows_its_public_half_to_be_told_by_telephone(door: Door) -> None:
    ran = door.run("upload", "--period", "1405-08", str(door.report))
    key = KeyFolder(path=door.folder / "state" / "keys").existing()
    assert key is not None
    assert key.public.fingerprint in ran.stderr
    assert key.public.text in ran.stderr
    assert "new signing key" not in door.run("upload").stderr


def test_a_bundle_goes_and_is_delivered_once_the_receipt_is_read(door: Door) -> None:
    door.run("key")
    sent = door.upload()
    assert sent.code == 0
    assert [(row["state"], row["sequence"], row["period"]) for row in sent.data] == [("sent", 1, "1405-08")]
    door.collect()
    done = door.run("upload", "--output", "json")
    assert (done.code, [row["state"] for row in done.data]) == (0, ["delivered"])
    assert "exactly these files" in door.upload().stderr
    shown = door.run("outbox", "--output", "json")
    assert (shown.code, [row["is_late"] for row in shown.data]) == (0, [False])
    assert "everything is delivered" in door.run("outbox", "--open").stderr


def test_receipts_are_shown_and_saved_as_they_came(door: Door) -> None:
    assert "nothing yet" in door.run("receipts").stderr
    door.run("key")
    name = door.upload().data[0]["name"]
    door.collect()
    door.run("upload")
    saved = door.folder / "saved"
    ran = door.run("receipts", name, "--save", str(saved), "--output", "json")
    assert [(row["state"], row["by"], row["reasons"]) for row in ran.data] == [
        ("accepted", "hq", []),
        ("received", "hq", []),
    ]
    lying = {path.read_bytes() for path in (door.drop / "receipts").iterdir()}
    assert {path.read_bytes() for path in saved.iterdir()} == lying
    for path in saved.iterdir():
        assert door.run("verify", str(path)).code == 0


def test_a_way_that_is_closed_is_69_and_the_bundle_waits(door: Door) -> None:
    door.run("key")
    door.targets = [ClosedWay()]
    ran = door.upload()
    assert (ran.code, ran.data[0]["state"], ran.data[0]["tries"]) == (69, "queued", 1)
    assert "no line" in ran.stderr


def test_a_refused_bundle_is_76_then_critical_and_can_be_sent_again_or_corrected(door: Door) -> None:
    door.run("key")
    bundle = door.upload().data[0]["bundle"]
    hub_in(door.folder / "hub", ()).collect(door.drop, NOW)
    ran = door.run("upload", "--output", "json")
    assert (ran.code, ran.data[0]["state"]) == (76, "refused")
    assert door.run("outbox").code == 2
    assert "queued again" in door.run("resend", bundle[:12]).stderr
    assert door.run("outbox").code == 0
    (door.report / "table.csv").write_text("a,c\n")
    assert [row["sequence"] for row in door.upload().data] == [1, 2]


def test_what_is_late_is_a_warning(door: Door) -> None:
    door.run("key")
    door.upload()
    door.now += timedelta(days=4)
    ran = door.run("outbox", "--output", "json")
    assert (ran.code, ran.data[0]["is_late"]) == (1, True)


def test_the_size_of_a_bundle_is_shown_in_a_unit_that_fits_it(door: Door) -> None:
    (door.report / "large.txt").write_bytes(bytes(range(256)) * 8)
    (row,) = json.loads(door.upload().stdout)["data"]
    header, line = door.run("outbox").stdout.splitlines()
    assert f"{row['size_bytes'] / 1024:,.0f}" == line[: header.index("KiB") + 3].split()[-1]
    assert row["size_bytes"] > 1024


def test_a_bundle_whose_next_try_has_not_come_is_named_with_its_time_and_what_helps(door: Door) -> None:
    door.run("key")
    open_way, door.targets = door.targets, [ClosedWay()]
    tried = door.upload()
    assert tried.code == 69
    assert "note: closed: no line; plug it in" in tried.stderr
    assert "for its next try" not in tried.stderr
    door.targets = open_way
    waiting = door.run("upload")
    name = json.loads(tried.stdout)["data"][0]["name"]
    assert f"{name}: waits until 1405-" in waiting.stderr
    assert f"itops report resend {name}" in waiting.stderr
    assert door.run("resend", name).code == 0
    assert "for its next try" not in door.run("upload").stderr
    assert f"{name}.zip" in [path.name for path in door.drop.iterdir()]


def test_a_bundle_can_wait_in_the_outbox(door: Door) -> None:
    door.run("key")
    ran = door.run("upload", "--period", "1405-08", str(door.report), "--queue-only", "--output", "json")
    assert (ran.code, [row["state"] for row in ran.data]) == (0, ["queued"])
    assert list(door.drop.iterdir()) == []


def test_a_report_that_is_built_to_be_sent_is_written_down_as_made(door: Door) -> None:
    catalogue = "{monthly-report: {title: Report, systems: [goals], made_by: itops, report: monthly}}"
    (door.folder / "itops.yaml").write_text(
        "office: {id: alborz, calendar: jalali, timezone: Asia/Tehran, language: en}\n"
        f"report: {{formats: [pdf], systems: {{goals: Goals}}, documents: {catalogue}}}\n"
    )
    redacted = door.run("upload", "--period", "1405-07", "--redact", "hq", "--queue-only")
    assert redacted.code == 0
    assert "document monthly-report" not in redacted.stderr
    for is_first in (True, False):
        ran = door.run("upload", "--period", "1405-07", "--queue-only")
        assert ("document monthly-report of 1405-07: made" in ran.stderr) is is_first


def test_a_bundle_is_verified_by_its_manifest_and_its_damage_is_named(door: Door) -> None:
    door.run("key")
    name = door.upload().data[0]["name"]
    manifest = door.drop / f"{name}.json"
    good = door.run("verify", str(manifest), "--output", "json")
    assert (good.code, good.data["is_sound"], good.data["file_count"]) == (0, True, 2)
    told = door.run("verify", str(manifest)).stderr
    assert "sequence 1, made at 1405-" in told
    assert told.endswith("encrypted no\n")
    archive = door.drop / f"{name}.zip"
    archive.write_bytes(archive.read_bytes().replace(b"a,b", b"a,c"))
    bad = door.run("verify", str(manifest), "--output", "json")
    assert bad.code == 2
    assert [one["code"] for one in bad.data["objections"]] == ["bundle.archive-differs", "bundle.file-differs"]
    assert "table.csv" in door.run("verify", str(manifest)).stdout


def test_others_keys_are_taken_from_a_file_of_openssh(door: Door) -> None:
    door.run("key")
    name = door.upload().data[0]["name"]
    signers = door.folder / "allowed_signers"
    signers.write_text(allowed_signers_text([AllowedKey(signer="alborz", key=public(HUB_KEY))]))
    manifest = str(door.drop / f"{name}.json")
    ran = door.run("verify", manifest, "--allowed-signers", str(signers), "--output", "json")
    assert [one["code"] for one in ran.data["objections"]] == ["bundle.unknown-key"]


def test_a_key_is_renewed_in_two_steps(door: Door) -> None:
    first = door.run("key").stdout
    new = door.run("key", "--new").stdout
    assert PublicKey.from_text(first) != PublicKey.from_text(new)
    assert door.run("key").stdout == first + new
    assert door.run("key", "--switch").stdout == new
    assert door.run("key").stdout == new
    with pytest.raises(UsageWrong):
        door.run("key", "--new", "--switch")


def test_what_cannot_be_is_explained(door: Door) -> None:
    with pytest.raises(UsageWrong, match="which period"):
        door.run("upload", str(door.report))
    with pytest.raises(UsageWrong, match="no target 'nowhere'"):
        door.run("upload", "--to", "nowhere")
    with pytest.raises(UsageWrong, match="period"):
        door.run("upload", "--period", "1405-13", str(door.report))
    with pytest.raises(UsageWrong, match="no bundle"):
        door.run("resend", "abc")
    with pytest.raises(UsageWrong, match="two files"):
        door.run("upload", "--period", "1405-08", str(door.report / "table.csv"), str(door.report))
    door.targets = []
    with pytest.raises(ConfigInvalid, match="no target"):
        door.run("upload")

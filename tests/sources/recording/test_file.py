"""What was written is read back equal; what was not written whole is noticed."""

import gzip
import io
import json
import stat
from datetime import UTC, datetime, timedelta, timezone
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from itops.errors import InputInvalid, ItopsError, SourceUnavailable, UsageWrong
from itops.inventory.entities import Entity, EntityKey, Gap, Kind
from itops.sources.recording import compressed
from itops.sources.recording.file import Written, read_header, read_recording, write_recording
from tests.sources.recording.samples import GAP, NOW, broken_after, observation, vm

_SAME_FOLDER = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])

texts = st.text(st.characters(), max_size=30)  # lone surrogates included
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
moments = st.datetimes(
    min_value=datetime(2000, 1, 1),
    max_value=datetime(2100, 1, 1),
    timezones=st.just(UTC),
)
entities = st.builds(
    Entity,
    kind=st.sampled_from(Kind),
    key=texts.map(EntityKey),
    ref=texts,
    source=texts,
    seen_at=moments,
    properties=st.dictionaries(texts, values, max_size=6),
)
gaps = st.builds(
    Gap,
    source=texts,
    subject=texts,
    code=texts,
    problem=texts,
    remedy=texts,
    hides=st.frozensets(st.sampled_from(Kind)),
)


def write(file: Path, *seen: Entity | Gap) -> Written:
    return write_recording(observation(seen), file, itops_version="0.1.0")


def lines(file: Path) -> list[bytes]:
    return gzip.decompress(file.read_bytes()).splitlines(keepends=True)


def packed(file: Path, *content: bytes) -> Path:
    file.write_bytes(gzip.compress(b"".join(content)))
    return file


def with_right_trailer(*content: bytes, **entities: int) -> bytes:
    digest = sha256(b"".join(content)).hexdigest()
    return json.dumps({"end": {"entities": entities, "gaps": 0, "sha256": digest}}).encode() + b"\n"


@_SAME_FOLDER
@given(st.lists(entities | gaps, max_size=5), moments)
def test_what_was_written_is_read_back_equal(tmp_path, seen, observed_at):
    file = tmp_path / "a.itops"
    write_recording(observation(seen, observed_at=observed_at), file, itops_version="0.1.0")
    back = read_recording(file)
    assert (back.source, back.observed_at, list(back.seen)) == ("vc01", observed_at, seen)


@_SAME_FOLDER
@given(st.binary(max_size=300) | st.binary(max_size=300).map(gzip.compress))
def test_random_bytes_never_raise_anything_but_our_own_errors(tmp_path, content):
    file = tmp_path / "random.itops"
    file.write_bytes(content)
    with pytest.raises(ItopsError):
        list(read_recording(file).seen)


@_SAME_FOLDER
@given(st.lists(st.binary(max_size=40) | values.map(lambda value: json.dumps(value).encode()), max_size=4))
def test_random_lines_behind_a_true_header_never_raise_anything_but_our_own_errors(tmp_path, content):
    file = tmp_path / "lines.itops"
    write(file, vm(1))
    packed(file, lines(file)[0], *(line + b"\n" for line in content))
    with pytest.raises(ItopsError):
        list(read_recording(file).seen)


@_SAME_FOLDER
@given(st.data())
def test_a_byte_that_changed_is_noticed(tmp_path, data):
    file = tmp_path / "flipped.itops"
    write(file, vm(1), GAP, vm(2))
    content = bytearray(file.read_bytes())
    # The first ten bytes are gzip's own header: its time, flags and system are nobody's content.
    position = data.draw(st.integers(10, len(content) - 1))
    content[position] ^= data.draw(st.integers(1, 255))
    file.write_bytes(content)
    with pytest.raises(InputInvalid):
        list(read_recording(file).seen)


@_SAME_FOLDER
@given(st.data())
def test_a_file_cut_anywhere_is_noticed(tmp_path, data):
    file = tmp_path / "cut.itops"
    write(file, *map(vm, range(20)), GAP)
    content = file.read_bytes()
    file.write_bytes(content[: data.draw(st.integers(0, len(content) - 1))])
    with pytest.raises(InputInvalid) as failure:
        list(read_recording(file).seen)
    assert "cut.itops, line " in failure.value.problem


@pytest.mark.parametrize("dropped", [1, 2, -1], ids=["an entity", "a gap", "the trailer"])
def test_a_line_that_was_taken_out_is_noticed(tmp_path, dropped):
    file = tmp_path / "a.itops"
    write(file, vm(1), GAP)
    content = lines(file)
    del content[dropped]
    packed(file, *content)
    with pytest.raises(InputInvalid):
        list(read_recording(file).seen)


def test_a_count_that_does_not_agree_is_noticed_although_the_checksum_does(tmp_path):
    file = tmp_path / "a.itops"
    write(file, vm(1))
    header, entity, _ = lines(file)
    packed(file, header, entity, with_right_trailer(header, entity, vm=2))
    with pytest.raises(InputInvalid, match="number of entries"):
        list(read_recording(file).seen)


@pytest.mark.parametrize("more", [b"x", b"\n", gzip.compress(b"more\n")], ids=["a byte", "a newline", "a second file"])
def test_something_behind_the_end_is_refused(tmp_path, more):
    file = tmp_path / "a.itops"
    write(file, vm(1))
    file.write_bytes(file.read_bytes() + more)
    with pytest.raises(InputInvalid, match="behind its end"):
        list(read_recording(file).seen)


def test_lines_behind_the_trailer_are_refused(tmp_path):
    file = tmp_path / "a.itops"
    write(file, vm(1))
    content = lines(file)
    packed(file, *content, content[1])
    with pytest.raises(InputInvalid, match="behind its end"):
        list(read_recording(file).seen)


def test_a_newer_version_is_refused_with_a_remedy(tmp_path):
    header = {"format": "itops-recording", "version": 2, "shape": "unknown to us"}
    file = packed(tmp_path / "new.itops", json.dumps(header).encode() + b"\n")
    with pytest.raises(InputInvalid, match="format 2") as failure:
        read_header(file)
    assert "update itops" in failure.value.remedy


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"PK\x03\x04 a workbook", id="a workbook"),
        pytest.param(gzip.compress(b'{"format": "another"}\n'), id="another format"),
        pytest.param(gzip.compress(b'{"format": "itops-recording", "version": true}\n'), id="no version"),
        pytest.param(gzip.compress(b"[]\n"), id="a list"),
        pytest.param(gzip.compress(b"[" * 200_000 + b"\n"), id="deeper than Python goes"),
    ],
)
def test_a_foreign_file_is_called_one_at_once(tmp_path, content):
    file = tmp_path / "foreign.itops"
    file.write_bytes(content)
    with pytest.raises(InputInvalid) as failure:
        read_recording(file)
    assert "foreign.itops, line 1" in failure.value.problem
    assert "itops inventory record" in failure.value.remedy


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        pytest.param({"kind": "toaster"}, "'toaster' is not a kind", id="unknown kind"),
        pytest.param({"seen_at": "2026-10-23T06:30:00"}, "no time zone", id="naive moment"),
        pytest.param({"seen_at": "0001-01-01T00:00:00+23:00"}, "not a moment", id="before the first year"),
        pytest.param({"key": 5}, "key is missing", id="key is a number"),
        pytest.param({"properties": []}, "properties are missing", id="properties are a list"),
    ],
)
def test_a_line_of_the_wrong_shape_is_named_by_its_number(tmp_path, change, complaint):
    file = tmp_path / "a.itops"
    write(file, vm(1), vm(2))
    header, first, second, _ = lines(file)
    wrong = json.loads(second)
    wrong["entity"] |= change
    packed(file, header, first, json.dumps(wrong).encode() + b"\n")
    reading = read_recording(file).seen
    assert next(reading) == vm(1)
    with pytest.raises(InputInvalid, match=complaint) as failure:
        next(reading)
    assert "line 3" in failure.value.problem


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"1e999", b"9" * 5000])
def test_a_number_that_is_no_json_number_is_damage(tmp_path, number):
    file = tmp_path / "a.itops"
    write(file, vm(1, properties={"n": 77}))
    header, entity, _ = lines(file)
    packed(file, header, entity.replace(b"77", number))
    with pytest.raises(InputInvalid, match="not JSON"):
        list(read_recording(file).seen)


def test_a_line_without_end_is_refused_before_it_fills_the_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(compressed, "MAX_LINE_BYTES", 200_000)
    file = packed(tmp_path / "long.itops", b"x" * 1_000_000)
    with pytest.raises(InputInvalid, match="longer than"):
        read_recording(file)


def test_a_decompression_bomb_is_refused_early():
    bomb = io.BytesIO(gzip.compress((b" " * 9_999 + b"\n") * 5_000))
    sizes = []
    with pytest.raises(ValueError, match="bomb"):
        sizes.extend(len(line) for line in compressed.lines_of(bomb))
    assert len(bomb.getvalue()) < 100_000
    assert sum(sizes) < 20_000_000


def test_an_entity_too_big_to_be_read_back_is_not_written(tmp_path, monkeypatch):
    monkeypatch.setattr(compressed, "MAX_LINE_BYTES", 10_000)
    with pytest.raises(InputInvalid, match="one entry takes"):
        write(tmp_path / "a.itops", vm(1, properties={"at.files": "x" * 10_000}))
    assert list(tmp_path.iterdir()) == []


def test_a_stream_that_breaks_leaves_the_old_file_and_nothing_else(tmp_path):
    file = tmp_path / "a.itops"
    write(file, vm(1))
    before = file.read_bytes()
    broken = broken_after([vm(2)], SourceUnavailable("vc01 hung up", remedy="try again"))
    with pytest.raises(SourceUnavailable, match="hung up"):
        write_recording(observation(broken), file, itops_version="0.1.0")
    assert file.read_bytes() == before
    assert list(tmp_path.iterdir()) == [file]


def test_only_the_owner_may_read_a_recording(tmp_path):
    written = write(tmp_path / "a.itops", vm(1))
    assert stat.S_IMODE(written.path.stat().st_mode) == 0o600


def test_the_summary_counts_what_was_written(tmp_path):
    written = write(tmp_path / "a.itops", vm(1), vm(2), GAP)
    assert (written.entity_counts, written.gap_count) == ({Kind.VM: 2}, 1)
    assert written.size_bytes == (tmp_path / "a.itops").stat().st_size


def test_the_same_observation_gives_the_same_bytes_and_the_same_fingerprint(tmp_path):
    write(tmp_path / "a.itops", vm(1))
    write(tmp_path / "b.itops", vm(1))
    one, other = read_recording(tmp_path / "a.itops"), read_recording(tmp_path / "b.itops")
    assert one.fingerprint == other.fingerprint == f"sha256:{sha256((tmp_path / 'a.itops').read_bytes()).hexdigest()}"


def test_a_moment_of_another_zone_is_the_same_moment_in_utc(tmp_path):
    tehran = timezone(timedelta(hours=3, minutes=30))
    write_recording(observation([], observed_at=NOW.astimezone(tehran)), tmp_path / "a.itops", itops_version="0.1.0")
    assert read_recording(tmp_path / "a.itops").observed_at == NOW


def test_a_file_that_is_not_there_or_is_a_folder_is_unavailable(tmp_path):
    for file in (tmp_path / "absent.itops", tmp_path):
        with pytest.raises(SourceUnavailable):
            read_recording(file)


def test_a_place_that_cannot_be_written_is_said_before_the_source_is_asked(tmp_path):
    asked = []

    def seen():
        asked.append(1)
        yield vm(1)

    with pytest.raises(UsageWrong, match="cannot be written"):
        write_recording(observation(seen()), tmp_path / "absent" / "a.itops", itops_version="0.1.0")
    assert asked == []


def test_entities_are_handed_over_before_the_file_is_read_to_its_end(tmp_path):
    file = tmp_path / "a.itops"
    write(file, *(vm(number, properties={"name": str(number) * 3000}) for number in range(300)))
    file.write_bytes(file.read_bytes()[:-20])
    assert next(read_recording(file).seen).ref == "vm-0"

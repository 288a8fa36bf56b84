"""Results of probes between two runs."""

from datetime import timedelta

import pytest

from itops.errors import InputInvalid, StoreUnavailable
from itops.inventory.roles.probed import Outcome
from itops.sources.probes.kept import ProbeFile
from tests.inventory.roles.builders import NOW, result, vm

SQL = vm("SQL01")


def test_nothing_is_known_before_the_first_probe(tmp_path):
    assert ProbeFile(tmp_path / "probes.json").load() == ()


def test_what_was_kept_comes_back_whole(tmp_path):
    file = ProbeFile(tmp_path / "probes.json")
    kept = (result(SQL, "sql"), result(SQL, probe="wsus", outcome=Outcome.REFUSED))
    file.keep(kept)
    assert set(file.load()) == set(kept)
    assert [path.name for path in tmp_path.iterdir()] == ["probes.json"]


def test_a_newer_result_replaces_the_older_and_silence_does_not(tmp_path):
    file = ProbeFile(tmp_path / "probes.json")
    file.keep([result(SQL, "sql", days_ago=2)])
    file.keep([result(SQL, days_ago=1, outcome=Outcome.NO_ANSWER)])
    assert [kept.observed_at for kept in file.load()] == [NOW - timedelta(days=2)]
    file.keep([result(SQL, outcome=Outcome.REFUSED)])
    assert [kept.outcome for kept in file.load()] == [Outcome.REFUSED]


@pytest.mark.parametrize("content", ["", "[]", '{"results": []}', '{"results-1": [{}]}', '{"results-1": 3}', "\x00"])
def test_a_broken_file_is_refused_with_a_remedy(tmp_path, content):
    path = tmp_path / "probes.json"
    path.write_text(content)
    with pytest.raises(InputInvalid) as refused:
        ProbeFile(path).load()
    assert "remove the file" in refused.value.remedy


def test_a_state_folder_that_is_gone_is_told(tmp_path):
    with pytest.raises(StoreUnavailable):
        ProbeFile(tmp_path / "gone" / "probes.json").keep([result(SQL, "sql")])

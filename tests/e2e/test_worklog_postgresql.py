"""The change log and the documents' records on a real PostgreSQL."""

from pathlib import Path

import pytest

from itops.errors import StoreLocked
from itops.secrets import Secret
from itops.store import StoreLocation, open_reader, open_store
from tests.e2e.postgresql import running_server
from tests.store.test_worklog import MADE, RECORDS_OF_ALL_KINDS, UPLOADED
from tests.worklog.making import NOW, entry

pytestmark = pytest.mark.e2e


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    with running_server() as server:
        location = StoreLocation(folder=tmp_path, url=server.new_database(), password=Secret(server.password))
        with open_store(location, NOW) as store:
            for number, record in enumerate(RECORDS_OF_ALL_KINDS):
                store.worklog.append(record, NOW, after=number)
            with pytest.raises(StoreLocked):
                store.worklog.append(entry(), NOW, after=0)
            store.worklog.record_document(MADE, NOW)
            store.worklog.record_document(UPLOADED, NOW)
            written = store.worklog.rows()
        with open_reader(location) as reader:
            assert reader.worklog.rows() == written
            assert reader.worklog.documents("1405-08") == [MADE, UPLOADED]
    assert [row.record for row in written] == RECORDS_OF_ALL_KINDS

"""What every store remembers of the hardware register; the store contract includes it."""

from collections.abc import Callable
from datetime import timedelta

from itops.assets.history import RegisterChange
from itops.store import StoreLocation, open_reader, open_store
from tests.store.building import NOW

FIRST = {"PC-1": {"id": "PC-1", "serial": "0123"}, "PC-2": {"id": "PC-2", "name.fa": "رایانه"}}


class RegisterContract:
    """Give `new_location`."""

    def test_the_first_look_is_no_change(self, new_location: Callable[[], StoreLocation]) -> None:
        location = new_location()
        with open_store(location, NOW) as store:
            assert store.register.remember(FIRST, NOW, None, "by hand") == []
        with open_reader(location) as reader:
            assert reader.register.entries() == FIRST
            assert reader.register.changes() == []

    def test_what_came_changed_and_went_is_kept_for_ever(self, new_location: Callable[[], StoreLocation]) -> None:
        location, later = new_location(), NOW + timedelta(days=1)
        with open_store(location, NOW) as store:
            store.register.remember(FIRST, NOW, None, "by hand")
            found = store.register.remember(
                {"PC-1": {"id": "PC-1", "serial": "0124"}, "PC-3": {"id": "PC-3"}}, later, "کارشناس", "set"
            )
            assert store.register.remember(FIRST, later + timedelta(days=1), None, "by hand")
        assert {change.what for change in found} == {
            ("PC-1", "serial", "0123", "0124"),
            ("PC-2", "id", "PC-2", None),
            ("PC-2", "name.fa", "رایانه", None),
            ("PC-3", "id", None, "PC-3"),
        }
        with open_reader(location) as reader:
            own = reader.register.changes("PC-1")
            assert reader.register.entries() == FIRST
        assert [(change.after, change.by, change.how) for change in own] == [
            ("0123", None, "by hand"),
            ("0124", "کارشناس", "set"),
        ]
        assert own[1] == RegisterChange(
            asset_id="PC-1", field="serial", before="0123", after="0124", at=later, by="کارشناس", how="set"
        )

    def test_what_is_as_it_was_writes_nothing(self, new_location: Callable[[], StoreLocation]) -> None:
        with open_store(new_location(), NOW) as store:
            store.register.remember(FIRST, NOW, None, "by hand")
            assert store.register.remember(FIRST, NOW, None, "by hand") == []

"""Plugins: built-ins and strangers' alike are found through entry points, once, at a door."""

from collections.abc import Iterator, Mapping
from typing import Generic, TypeVar

from itops.errors import ConfigInvalid

T = TypeVar("T")


class Registry(Generic[T]):
    """The plugins of one kind, by the name used in itops.yaml. Each registry owns its names; none is global."""

    def __init__(self, plugins: Mapping[str, T]) -> None:
        self._plugins = dict(plugins)

    @classmethod
    def from_entry_points(cls, group: str) -> "Registry[T]":
        """Load every plugin that an installed distribution offers under `group`, e.g. "itops.sources"."""
        from importlib.metadata import entry_points  # noqa: PLC0415  30 ms that an empty registry need not cost

        return cls({point.name: point.load() for point in entry_points(group=group)})

    def __getitem__(self, name: str) -> T:
        """The plugin called `name`; raises ConfigInvalid naming the ones there are."""
        try:
            return self._plugins[name]
        except KeyError:
            known = ", ".join(sorted(self._plugins))
            raise ConfigInvalid(f"there is no plugin called {name!r}", remedy=f"use one of: {known}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._plugins))

    def __contains__(self, name: str) -> bool:
        return name in self._plugins

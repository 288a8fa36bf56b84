"""Plugins: built-ins and strangers' alike are found through entry points, at a door, and loaded when asked for."""

import sys
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, Generic, TypeVar

from itops.errors import ConfigInvalid

T = TypeVar("T")


@cache
def _entry_points(path: tuple[str, ...]) -> Any:
    """All there are on this path, of every kind: looking through the installed distributions takes 30 ms each time."""
    from importlib.metadata import entry_points  # noqa: PLC0415  as above

    return entry_points()


class Registry(Generic[T]):
    """The plugins of one kind, by the name used in itops.yaml. Each registry owns its names; none is global."""

    def __init__(
        self, plugins: Mapping[str, T], unloaded: Mapping[str, Callable[[], T]] = MappingProxyType({})
    ) -> None:
        """`unloaded`: what loads a plugin the first time it is asked for."""
        self._plugins = dict(plugins)
        self._unloaded = dict(unloaded)

    @classmethod
    def from_entry_points(cls, group: str) -> "Registry[T]":
        """Every plugin that an installed distribution offers under `group`, e.g. "itops.sources"; none is loaded yet.

        An office uses a few of dozens: loading all of them was a third of the time of a short command.
        """
        return cls({}, {point.name: point.load for point in _entry_points(tuple(sys.path)).select(group=group)})

    def __getitem__(self, name: str) -> T:
        """The plugin called `name`; raises ConfigInvalid naming the ones there are."""
        if name not in self:
            raise ConfigInvalid(f"there is no plugin called {name!r}", remedy=f"use one of: {', '.join(self)}")
        load = self._unloaded.get(name)
        if load is not None:
            self._plugins[name] = load()
            self._unloaded.pop(name, None)
        return self._plugins[name]

    def __iter__(self) -> Iterator[str]:
        return iter(sorted({*self._plugins, *self._unloaded}))

    def __contains__(self, name: str) -> bool:
        return name in self._plugins or name in self._unloaded

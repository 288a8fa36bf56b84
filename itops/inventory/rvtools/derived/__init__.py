"""Columns that a function makes: short, pure, one module for each thing they look at.

A function gets the Row and the catalogue's arguments as text, and gives a JSON value or None for an empty cell.
"""

from collections.abc import Callable

from itops.inventory.entities import Value
from itops.inventory.rvtools.derived import anything, devices, host, storage, vm

FUNCTIONS: dict[str, Callable[..., Value]] = {
    name: function
    for module in (anything, devices, host, storage, vm)
    for name, function in vars(module).items()
    if callable(function) and getattr(function, "__module__", "") == module.__name__ and not name.startswith("_")
}
"""Every derivation by the name that catalogue.json uses."""

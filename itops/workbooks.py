"""What goes wrong while a workbook is read, told as one error of ours."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from itops.errors import InputInvalid, ItopsError


@contextmanager
def reading(path: Path, sheet: str = "", *, remedy: str) -> Iterator[None]:
    """Whatever python-calamine raises, its panics too, becomes InputInvalid; what is ours, or our bug, does not."""
    try:
        yield
    except (ItopsError, GeneratorExit, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as broken:  # a panic of the native reader is not an Exception
        if isinstance(broken, Exception) and not type(broken).__module__.startswith(("python_calamine", "builtins")):
            raise
        place = f"{path}, sheet {sheet}" if sheet else str(path)
        raise InputInvalid(f"{place}: cannot be read as a workbook ({broken})", remedy=remedy) from broken

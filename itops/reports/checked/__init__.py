"""What the check prints: for Nagios, Checkmk, Prometheus, Zabbix, other programs, and people. Pure text.

Every name comes from outside and may be anything: what would steer a format is replaced, and it is cut to a length that
consoles and gateways carry. Where a name is an identity (a Checkmk service, a label), one that had to be altered wears
a digest of what it was, so that two never become one: of a series told twice collectors drop one, and tell nobody.

One module for each format, and only that of the format asked for is imported: the check runs every minute.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from itops.reports.checked.checked import Checked

FORMATS = ("nagios", "checkmk", "prometheus", "zabbix", "json")
"""Each is a module of this package, whose `page` writes a Checked. What cannot be checked is told by the door."""


def page_in(name: str, checked: "Checked") -> str:
    """What was checked, in the format of that name."""
    page: str = import_module(f"{__name__}.{name}").page(checked)
    return page

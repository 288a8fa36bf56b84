"""Every code of the register's findings and how bad it is. Words stand in reports/text, table `asset`."""

from collections.abc import Mapping

from itops.verdict import State

ADVICE, WARNING, CRITICAL, UNKNOWN = State.OK, State.WARNING, State.CRITICAL, State.UNKNOWN

CODES: Mapping[str, State] = {
    # What is missing. Nobody can know everything of everything: advice, where nothing goes wrong without it.
    "asset.no-serial": ADVICE,
    "asset.no-tag": ADVICE,
    "asset.no-date": ADVICE,
    "asset.no-place": ADVICE,
    "asset.no-model": ADVICE,
    "asset.no-holder": ADVICE,
    "asset.no-price": ADVICE,
    "asset.never-verified": ADVICE,
    "custody.undated": ADVICE,
    "part.no-number": ADVICE,
    "test.no-document": ADVICE,
    "disposal.no-papers": WARNING,
    "battery.no-ups": ADVICE,
    "ups.no-batteries": WARNING,
    "link.no-contract-end": WARNING,
    "vm.weak-link": WARNING,
    "vm.not-linked": WARNING,
    "fire.never-tested": WARNING,
    # What cannot be true together, and what loading the register lets pass.
    "asset.tag-pattern": WARNING,
    "asset.date-in-future": WARNING,
    "asset.dates-disagree": WARNING,
    "asset.disposal-disagrees": WARNING,
    "asset.left-behind": WARNING,
    "asset.belongs-to-gone": WARNING,
    # What stands twice, the same.
    "asset.host-name-duplicate": WARNING,
    "asset.serial-duplicate": WARNING,
    "vm.linked-twice": WARNING,
    # What has gone stale.
    "asset.verify-overdue": WARNING,
    "scan.not-seen": WARNING,
    "scan.never-seen": ADVICE,
    "scan.none": UNKNOWN,
    "asset.gone-but-seen": CRITICAL,
    "asset.retired-but-seen": WARNING,
    "asset.lost-but-seen": WARNING,
    "device.noticed": ADVICE,
    # What is due, or was.
    "warranty.ended": WARNING,
    "warranty.soon": WARNING,
    "service.overdue": WARNING,
    "service.soon": WARNING,
    "service.contract-ended": WARNING,
    "service.contract-soon": WARNING,
    "link.contract-ended": CRITICAL,
    "link.contract-ends": WARNING,
    "fire.test-overdue": CRITICAL,
    "fire.test-due-soon": WARNING,
    "fire.test-failed": CRITICAL,
    "fire.pressure-overdue": CRITICAL,
    "fire.pressure-due-soon": WARNING,
    "fire.recharge-overdue": CRITICAL,
    "fire.recharge-due-soon": WARNING,
    "battery.old": WARNING,
    "battery.soon": WARNING,
    "battery.due-by-ups": WARNING,
    "ups.asks-for-battery": CRITICAL,
    "printer.pages-over": WARNING,
    "support.ended": CRITICAL,
    "support.extended-only": WARNING,
    "support.soon": WARNING,
    "support.not-known": ADVICE,
}

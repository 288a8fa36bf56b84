"""How the failures of lines, servers and settings become a ChannelFailed: one line each, and whether to try again."""

from collections.abc import Iterator
from contextlib import contextmanager

from itops.alerts.channels import ChannelFailed
from itops.errors import DeliveryRefused, ItopsError
from itops.text import plain
from itops.wire.refusals import LoginRefused


@contextmanager
def told() -> Iterator[None]:
    """Raise ChannelFailed for every ItopsError of the block, without what caused it: that may repeat a secret.

    Final is what the other side will say again: it refuses the message or the account. A secret that cannot be read, a
    name that is not found, a certificate that is not the right one may be put right while the message waits.
    """
    try:
        yield
    except ItopsError as failure:
        is_final = isinstance(failure, DeliveryRefused | LoginRefused)
        raise ChannelFailed(plain(failure.problem), plain(failure.remedy), is_final=is_final) from None

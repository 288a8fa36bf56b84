"""What a web server's status means to somebody who sent a message.

What it writes beside its status is never shown: it may repeat the question, and a question can hold a token.
"""

from collections.abc import Mapping

from itops.alerts.channels import ChannelFailed

_TRY_AGAIN = frozenset({302, 303, 307, 408, 409, 421, 423, 425, 429})
_FIRST_SERVER_ERROR = 500
_FOR_GOOD = frozenset({501, 505})
Words = Mapping[int, tuple[str, str]]
"""What a status means to one kind of server, and what to do about it."""

_WORDS: Words = {
    400: ("it does not take it so", "compare the settings of this channel with what the service describes"),
    401: ("it refuses the token", "check the token, or have a new one made"),
    403: ("it refuses the token, or what it asks for", "check the token and what it may do"),
    404: ("it has nothing there", "check the address, its path and the token in it"),
    405: ("it does not take such a question there", "check the address and the method"),
    410: ("what was there is gone for good", "ask whoever keeps the service for the new address"),
    413: ("it takes nothing so long", "ask whoever keeps the service for its limit"),
    429: ("it was asked too often", "wait; if it stays so, ask whoever keeps the service for its limit"),
}


def refused(place: str, status: int, words: Words | None = None) -> ChannelFailed:
    """What a status means that is not 2xx. `words`: where this service means more by it than others."""
    said = f"{place} answers {status}"
    if 300 <= status < 400:
        return ChannelFailed(
            f"{said}: a redirect, which is not followed",
            "write the address that answers by itself as `url`",
            is_final=_is_final(status),
        )
    problem, remedy = {**_WORDS, **(words or {})}.get(
        status, ("it does not take it", "ask whoever keeps the service what ails it")
    )
    return ChannelFailed(f"{said}: {problem}", remedy, is_final=_is_final(status))


def _is_final(status: int) -> bool:
    return status in _FOR_GOOD or (300 <= status < _FIRST_SERVER_ERROR and status not in _TRY_AGAIN)


def unreadable(place: str) -> ChannelFailed:
    """It says 200 and then what such a service does not say; whoever answers there may be another one for a while."""
    return ChannelFailed(
        f"{place} answers something else than such a service does",
        "check the address; see by hand what answers there",
    )

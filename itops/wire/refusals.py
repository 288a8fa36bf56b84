"""What a line can fail of besides itops.errors."""

from itops.errors import SourceUnavailable


class LoginRefused(SourceUnavailable):
    """The server knows the account and its password otherwise: another try cannot help, and may lock the account."""

"""itops: the virtual servers, the hardware, the backups and the monthly report of an IT office."""

__version__ = "0.1.0"

"""Channels: mail, webhook, bot API, SMS gateway, syslog, a command. One file each behind itops.alerts.channels."""

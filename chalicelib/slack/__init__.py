"""Slack as pure data: what it posts becomes small values, what we show becomes blocks. Nothing is sent from here."""

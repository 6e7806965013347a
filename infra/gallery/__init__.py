"""Every card, line and window of the desk as a picture: ``make gallery``."""

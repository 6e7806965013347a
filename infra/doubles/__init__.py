"""Local doubles: small real servers that behave like the services Heed talks to."""

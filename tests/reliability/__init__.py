"""The promises of ``docs/reliability.md``, the tests that hold them, and the page made of both."""

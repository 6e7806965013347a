"""Use cases: one function per command or event; they speak domain and ports."""

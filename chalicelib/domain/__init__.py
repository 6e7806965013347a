"""What Heed is about, in pure Python: no clock, no environment, no I/O; ``now`` is an argument."""

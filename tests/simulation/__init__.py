"""The whole of Heed in one process, under a virtual clock and seeded faults."""

"""A storm on paper: the pipeline as queues, fleets and quotas, second by second. ``python -m bench.scale``."""

"""The only place that knows botocore: queues, topics, timers, buckets, secrets, metrics."""

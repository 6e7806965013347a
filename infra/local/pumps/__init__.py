"""Lambda's event sources, played locally: one pump per source, each on its own threads."""

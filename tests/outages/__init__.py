"""AWS itself in trouble: answers that get lost, calls that are throttled, services that are gone."""

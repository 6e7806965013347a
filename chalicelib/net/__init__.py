"""The only outgoing HTTP: one attempt, short timeouts, no redirects, nothing secret in an error."""

"""Setting Heed up in Slack: the app's manifest, and a check of what is really there."""

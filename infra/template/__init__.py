"""The one template: rendered for deployment by Chalice, and read by the local runtime."""

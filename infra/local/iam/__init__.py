"""Plays IAM for functions in processes of their own: each may do what its role in the template allows, and no more."""

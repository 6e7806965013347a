"""Heed: social customer care on a company's own AWS account."""

"""What a promise means on a given day: in words, from its log, and for cases that are long over."""

"""Texts to try the package on; they were written for it."""

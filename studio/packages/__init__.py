"""Packages that people bring: kept by digest, read without being run, run in the sandbox only."""

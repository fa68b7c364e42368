"""Whole histories of exchanges in one process: a virtual clock, a network that loses, doubles and delays, crashes,
restores from back-ups and clones, over the real rules of `exchange/` and stores in memory."""

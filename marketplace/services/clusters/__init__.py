"""Duplicates across exchanges, kept by the national one."""

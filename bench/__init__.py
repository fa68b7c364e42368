"""Figures, each beside a floor measured in the same run. `make bench` runs all; docs/benchmarks.md keeps them."""

"""`python -m marketplace`: the same as the console script `giao`."""

from marketplace.cli import main

main(prog_name="giao")

"""The commands of `giao`, one file a subject."""

from marketplace.commands.serving import migrate, run, worker

COMMANDS = (migrate, run, worker)
"""Every command, in the order of `giao --help`."""

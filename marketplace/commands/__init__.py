"""The commands of `giao`, one file a subject."""

from marketplace.commands.asking import export, match, search
from marketplace.commands.importing import import_
from marketplace.commands.keeping import doctor, reindex, seal
from marketplace.commands.measuring import evaluate
from marketplace.commands.serving import migrate, run, worker

COMMANDS = (run, worker, import_, export, search, match, evaluate, doctor, reindex, seal, migrate)
"""Every command."""

"""The commands of `giao`, one file a subject."""

from marketplace.commands.auditing import audit
from marketplace.commands.doctor import doctor
from marketplace.commands.exporting import export
from marketplace.commands.finding import match, search
from marketplace.commands.importing import import_
from marketplace.commands.keeping import reindex, seal
from marketplace.commands.measuring import evaluate
from marketplace.commands.people import people
from marketplace.commands.serving import migrate, run, worker

COMMANDS = (
    run, worker, import_, export, search, match, evaluate, doctor, reindex, seal, people, audit, migrate,
)  # fmt: skip
"""Every command."""

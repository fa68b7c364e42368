"""The commands of `giao`, one file a subject. Only the one that is asked for is ever imported."""

COMMANDS = {
    "run": "serving:run",
    "web": "serving:web",
    "worker": "serving:worker",
    "scheduler": "serving:scheduler",
    "import": "importing:import_",
    "export": "exporting:export",
    "search": "finding:search",
    "match": "finding:match",
    "evaluate": "evaluating:evaluate",
    "terms": "terms:terms",
    "rates": "rates:rates",
    "weights": "weighing:weights",
    "exposure": "weighing:exposure",
    "doctor": "doctor:doctor",
    "reindex": "keeping:reindex",
    "seal": "keeping:seal",
    "erase": "keeping:erase",
    "people": "people:people",
    "audit": "auditing:audit",
    "sync": "syncing:sync",
    "duplicates": "duplicates:duplicates",
    "migrate": "serving:migrate",
    "migrate-to": "moving:migrate_to",
}
"""Name of a command -> "module:function", in the order of the help."""

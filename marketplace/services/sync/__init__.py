"""What keeps this exchange in step with the others: who they are, what came, what went, and whether both are equal."""

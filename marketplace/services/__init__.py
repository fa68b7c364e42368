"""The verbs of the shop. Each takes the open Work, the Actor who asks, and plain values; none knows of HTTP."""

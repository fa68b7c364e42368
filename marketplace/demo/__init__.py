"""An exchange to try things in: organisations, people and listings, all of them invented."""

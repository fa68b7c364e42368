"""Scoring one demand against one offer, with reasons. Pure: no Flask, no database, no engine."""

"""The words every room speaks: texts, code lists, money, places, and what a listing says. Standard library only."""

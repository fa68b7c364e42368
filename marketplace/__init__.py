"""The shop: accounts, listings, the feed, pages and commands. It alone knows Flask and the database."""

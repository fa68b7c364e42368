"""The WSGI entry: `app` for any server. Nothing else in Giao runs at import."""

from marketplace.app import create_app

app = create_app()

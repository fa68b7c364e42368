"""How a command went, as its exit code. 0: done. 2, from click: the command was not understood."""

SOMETHING_WRONG = 1
"""Done, but something was left out or is not well; or refused. It was said what."""
NOT_POSSIBLE = 3
"""A setting is wrong or a server is missing; nothing was done."""

"""`giao`: everything an operator does from a terminal. Every command says with its exit code how it went.

0: done. 1: done, but something was left out or is wrong, and it was said what. 2: the command was not understood.
3: a setting is wrong or a server is missing; nothing was done.
"""

from __future__ import annotations

import sys

import click

from marketplace.commands import COMMANDS
from marketplace.commands.opening import say_refusal
from marketplace.errors import GiaoError
from marketplace.settings import SettingsError
from search.engine import SearchError

NOT_POSSIBLE = 3


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="giao", prog_name="giao")
def giao() -> None:
    """An open technology exchange: offers, demands, and matches with reasons."""


for command in COMMANDS:
    giao.add_command(command)


def main() -> None:
    """The console script."""
    try:
        giao.main(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Stopped.", err=True)
        sys.exit(1)
    except click.exceptions.Exit as leave:
        sys.exit(leave.exit_code)
    except (SettingsError, SearchError) as error:
        click.echo(str(error), err=True)
        sys.exit(NOT_POSSIBLE)
    except GiaoError as error:
        say_refusal(error)
        sys.exit(1)

"""`giao`: everything an operator does from a terminal. Every command says with its exit code how it went.

0: done. 1: done, but something was left out or is not well; or refused; and it was said what. 2: the command was not
understood. 3: a setting is wrong or a server is missing; nothing was done.
"""

from __future__ import annotations

from typing import IO, Any

import click

from marketplace.commands import COMMANDS
from marketplace.commands.codes import NOT_POSSIBLE, SOMETHING_WRONG
from marketplace.commands.saying import refusal
from marketplace.deferred import loaded
from marketplace.errors import GiaoError
from marketplace.logs import visible
from marketplace.settings import SettingsError
from search.engine import SearchError

NO_TEXT = "giao.no_text"
"""What was typed that is no text, beside the context of the command."""


def _is_text(said: str) -> bool:
    try:
        said.encode()
    except UnicodeEncodeError:
        return False
    return True


class Refused(click.ClickException):
    """What was asked for cannot be had. Its sentence goes to stderr."""

    exit_code = SOMETHING_WRONG

    def show(self, file: IO[Any] | None = None) -> None:
        click.echo(self.format_message(), file=file, err=file is None)


class NotPossible(Refused):
    """Nothing could be done at all."""

    exit_code = NOT_POSSIBLE


class Commands(click.Group):
    """The commands by their names. They may raise what services and settings raise."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """A search must not wait for the web server's modules, nor the server for those of workbooks."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = loaded(f"marketplace.commands.{COMMANDS[cmd_name]}")
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        # A file may have such a name; nothing else that is asked for can.
        ctx.meta[NO_TEXT] = next((one for one in args if not _is_text(one)), "")
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except UnicodeEncodeError as error:
            if not (said := ctx.meta[NO_TEXT]):
                raise
            raise click.UsageError(f"{visible(said)} is no text in UTF-8.") from error
        except (SettingsError, SearchError) as error:
            raise NotPossible(str(error)) from error
        except GiaoError as error:
            raise Refused(refusal(error)) from error


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="giao", prog_name="giao")
def main() -> None:
    """An open technology exchange: offers, demands, and matches with reasons."""

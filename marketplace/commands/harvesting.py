"""`giao sync harvest`: read catalogues that do not push, at once."""

from __future__ import annotations

import json

import click

from marketplace import harvesting
from marketplace.commands.opening import exchange
from marketplace.commands.saying import sentence
from marketplace.commands.syncing_words import brought
from marketplace.runtime import Runtime
from marketplace.services.policy import SYSTEM
from marketplace.services.sync import source_sheets, sources
from marketplace.services.sync.source_sheets import Standing
from marketplace.work import look


@click.command()
@click.argument("node", required=False)
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
def harvest(node: str | None, as_json: bool) -> None:
    """Read the source NODE (OAI-PMH, DCAT or a feed) to its end, or all that are approved.

    Exit code 1 when one has an alarm.
    """
    with exchange() as runtime:
        found = [_harvested(runtime, one) for one in ([node] if node else _active(runtime))]
    if as_json:
        records = [source_sheets.as_record(one) for one in found]
        click.echo(json.dumps({"sources": records}, ensure_ascii=False, default=str))
    else:
        click.echo("\n".join(map(_line, found)) or "No source has been approved here.")
    if any(one.alarms for one in found):
        raise click.exceptions.Exit(1)


def _active(runtime: Runtime) -> list[str]:
    with look(runtime) as work:
        return sources.active(work)


def _harvested(runtime: Runtime, node_id: str) -> Standing:
    harvesting.harvest_source(runtime, node_id)
    with look(runtime) as work:
        return source_sheets.sheet(work, SYSTEM, node_id).standing


def _line(one: Standing) -> str:
    said = [f"{one.node_id}: {one.records} shown, {one.held} held; {brought(one)}"]
    said += [f"  {sentence(f'source.alarm_{alarm}', {})}" for alarm in one.alarms]
    return "\n".join([*said, *([f"  {one.detail}"] if one.detail else [])])

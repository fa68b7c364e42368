"""`giao weights` and `giao exposure`: what operators do with what people decided, from a terminal."""

from __future__ import annotations

import json
from dataclasses import asdict

import click

from marketplace.commands.opening import exchange
from marketplace.services import crowd, decisions, learning
from marketplace.services import weights as versions
from marketplace.services.policy import SYSTEM
from marketplace.work import begin, look

TOLD = {
    "better": "Held-back decisions are ordered better by more than the noise: {version} can be adopted.",
    "no_better": "Held-back decisions are not ordered better by more than the noise: {version} keeps the weights in use.",
    "too_little": "Too little was decided to learn from; nothing changes.",
}


@click.group()
def weights() -> None:
    """What each part of a score counts for."""


@weights.command("list")
def list_() -> None:
    """Every version, the newest first."""
    with exchange() as runtime, look(runtime) as work:
        for one in versions.versions(work, SYSTEM):
            figures = one.figures
            measured = (
                f"  {figures['before']:.4f} -> {figures['after']:.4f} ± {figures['noise']:.4f}"
                if figures
                else ""
            )
            click.echo(f"{one.version:16} {one.state:10}{measured}")


@weights.command()
def learn() -> None:
    """Learn from all that people decided; the result waits to be adopted."""
    with exchange() as runtime, begin(runtime) as work:
        result = learning.learned(work, SYSTEM)
        newest = versions.versions(work, SYSTEM)[0].version
    figures = result.figures
    click.echo(
        f"{figures.decisions} decisions, {figures.demands} demands, {figures.organisations} organisations"
    )
    if result.weights is not None:
        click.echo(f"nDCG@10 {figures.before:.4f} -> {figures.after:.4f} ± {figures.noise:.4f}")
        click.echo(f"calibration error {figures.calibration_error:.4f}")
    click.echo(TOLD[result.outcome].format(version=newest))


@weights.command()
@click.argument("version")
def adopt(version: str) -> None:
    """Make VERSION the live one; stored matches are weighed anew."""
    with exchange() as runtime, begin(runtime) as work:
        versions.adopt(work, SYSTEM, version)
    click.echo(f"{version} is live.")


@weights.command()
@click.argument("version")
def shadow(version: str) -> None:
    """Compute VERSION beside the live one, without any effect."""
    with exchange() as runtime, begin(runtime) as work:
        versions.beside(work, SYSTEM, version)
    click.echo(f"{version} runs beside the live one.")


@weights.command()
def back() -> None:
    """Make the version live that was so before this one."""
    with exchange() as runtime, begin(runtime) as work:
        version = versions.go_back(work, SYSTEM)
    click.echo(f"{version} is live again.")


@weights.command()
def pairs() -> None:
    """Every judged pair as a line of JSON: demand, offer, verdict, reasons; what weights are learned from."""
    with exchange() as runtime, look(runtime) as work:
        for one in decisions.exported(work, SYSTEM):
            click.echo(json.dumps(asdict(one), ensure_ascii=False))


@click.command()
def exposure() -> None:
    """Which offers are suggested to how many demands."""
    with exchange() as runtime, look(runtime) as work:
        report = crowd.exposure(work, SYSTEM)
    click.echo(
        f"{report.demands} demands, {report.offers} offers, {report.never} of them suggested to nobody"
    )
    click.echo(f"the most suggested one stands before {100 * report.largest:.1f} % of the demands")
    for uid, number in report.most:
        click.echo(f"{number:7}  {uid}")

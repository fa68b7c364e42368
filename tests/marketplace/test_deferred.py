"""A process carries only what it uses: what an embedded exchange never needs is not loaded by serving it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from marketplace.deferred import loaded

SERVED = """
import sys
from marketplace.app import create_app
from marketplace.commands.setting_up import migrated
from marketplace.runtime import Runtime
from marketplace.settings import Settings, write_missing_secrets

write_missing_secrets(Settings.data_folder())
runtime = Runtime(Settings.from_environment())
migrated(runtime)
answer = create_app(runtime).test_client().get("/vi/offers?q=tôm")
print(answer.status_code, *sorted({name.partition(".")[0] for name in sys.modules}))
"""
UNUSED = {"elasticsearch", "openpyxl", "PIL", "psycopg", "pyoxigraph", "pypdf", "redis", "rq", "scipy"}


def test_an_embedded_exchange_answers_without_what_only_others_need(tmp_path: Path) -> None:
    alone = {"DATA_DIR": str(tmp_path), "PATH": os.environ["PATH"]}
    said = subprocess.run(
        [sys.executable, "-c", SERVED], env=alone, capture_output=True, text=True, check=True
    ).stdout
    status, *modules = said.splitlines()[-1].split()
    assert status == "200"
    assert {"flask", "sqlalchemy", "tantivy"} <= set(modules)
    assert UNUSED & set(modules) == set()


@pytest.mark.parametrize("place", ["marketplace.nowhere:opened", "marketplace.mail:nothing"])
def test_a_place_that_is_not_there_is_named(place: str) -> None:
    with pytest.raises((ImportError, AttributeError), match=r"nowhere|nothing"):
        loaded(place)

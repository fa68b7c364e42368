"""`compose.yaml` and `Dockerfile` say what the project can do: no engine for containers is needed to see that."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from marketplace.commands import COMMANDS
from marketplace.settings import DEFAULTS, SECRETS

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}
LASTING = {name: service for name, service in SERVICES.items() if service["restart"] != "no"}
KEYS = frozenset({
    "build", "cap_drop", "command", "configs", "cpus", "depends_on", "environment", "healthcheck", "image", "init",
    "logging", "mem_limit", "networks", "pids_limit", "ports", "read_only", "restart", "security_opt", "shm_size",
    "stop_grace_period", "tmpfs", "ulimits", "volumes",
})  # fmt: skip
"""Of a service, as the Compose Specification documents them; what we use, no more."""
HEALTH = frozenset({"test", "interval", "timeout", "retries", "start_period"})


def test_all_six_are_there_and_the_schema_comes_first() -> None:
    assert set(SERVICES) == {"migrate", "app", "worker", "scheduler", "database", "search", "redis"}
    for name in ("app", "worker", "scheduler"):
        needed = SERVICES[name]["depends_on"]
        assert needed["migrate"] == {"condition": "service_completed_successfully"}
        assert needed["database"] == {"condition": "service_healthy"}


@pytest.mark.parametrize("name", SERVICES)
def test_only_documented_keys_are_used(name: str) -> None:
    assert set(SERVICES[name]) <= KEYS
    assert set(SERVICES[name].get("healthcheck", {})) <= HEALTH


@pytest.mark.parametrize("name", LASTING)
def test_what_lasts_has_a_health_check_a_limit_and_bounded_logs(name: str) -> None:
    service = LASTING[name]
    assert service["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")
    assert re.fullmatch(r"\d+[mg]", service["mem_limit"])
    assert service["logging"]["options"]["max-size"]


@pytest.mark.parametrize("name", OURS)
def test_our_processes_run_known_commands_with_known_settings(name: str) -> None:
    service = OURS[name]
    assert service["command"][0] == "giao"
    assert service["command"][1] in COMMANDS
    assert set(service["environment"]) <= {*DEFAULTS, *SECRETS}
    assert set(SECRETS) <= set(service["environment"])
    assert service["cap_drop"] == ["ALL"]
    assert service["read_only"] is True


def test_only_the_migration_is_the_owner_and_lets_serve_whom_the_others_name() -> None:
    urls = {name: service["environment"]["DATABASE_URL"] for name, service in OURS.items()}
    roles = {name: url.removeprefix("postgresql+psycopg://").partition(":")[0] for name, url in urls.items()}
    owner = SERVICES["database"]["environment"]["POSTGRES_USER"]
    assert roles == {"migrate": owner, "app": "giao_app", "worker": "giao_app", "scheduler": "giao_app"}
    assert OURS["migrate"]["command"] == ["giao", "migrate", "--grant", "giao_app"]
    assert COMPOSE["configs"]["roles"]["content"].startswith(
        "CREATE ROLE giao_app LOGIN PASSWORD '${APP_PASSWORD"
    )
    (mounted,) = SERVICES["database"]["configs"]
    assert mounted == {"source": "roles", "target": "/docker-entrypoint-initdb.d/roles.sql"}


def test_volumes_and_networks_are_declared() -> None:
    for service in SERVICES.values():
        for volume in service.get("volumes", ()):
            assert volume.partition(":")[0] in COMPOSE["volumes"]
        assert set(service["networks"]) <= set(COMPOSE["networks"])
    assert COMPOSE["networks"]["inside"]["internal"] is True
    for name in ("database", "search", "redis"):
        assert SERVICES[name]["networks"] == ["inside"]
        assert "ports" not in SERVICES[name]


def test_only_the_pages_are_published_and_only_on_this_machine() -> None:
    published = [port for service in SERVICES.values() for port in service.get("ports", ())]
    assert published == ["127.0.0.1:8000:8000"]


def test_no_secret_stands_in_the_file() -> None:
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if re.search(r"PASSWORD|KEYS|_URL", name):
                assert "${" in str(value), name


def test_what_env_must_hold_is_told_in_the_guide() -> None:
    needed = set(re.findall(r"\$\{(\w+):\?", (ROOT / "compose.yaml").read_text(encoding="utf-8")))
    guide = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    assert {name for name in needed if f"`{name}`" not in guide} == set()


def test_the_image_is_of_two_stages_and_its_process_has_no_rights() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    stages = [number for number, line in enumerate(lines) if line.startswith("FROM ")]
    last = lines[stages[-1] :]
    assert len(stages) == 2
    assert "USER giao" in last
    assert last[-1].startswith('CMD ["giao", "web"')
    copied = [line for line in last if line.startswith("COPY")]
    assert copied == ["COPY --from=build /opt/giao /opt/giao"]


def test_neither_keys_nor_copies_of_the_data_get_into_an_image() -> None:
    left_out = (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
    assert {".env*", "var", "*.db", "*.dump"} <= set(left_out)

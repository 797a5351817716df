"""`make test`: sees to the programs that the tests need, then runs the four stages and sums them up."""

import os
import shutil
import subprocess
import sys
import time

from tests import chromium, environment, servers

NO_TESTS = 5  # pytest's exit code when nothing was selected
#: a file's tests stay together, so that what a file makes once for all its tests is not made by both workers; long ones
#: come first (tests/conftest.py), so that the order is kept
TWO = ["-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"]
STAGES = [
    ("rules and pages", [*TWO, "-m", "not races and not browser"], {}),
    ("races and kills", [*TWO, "-m", "races"], {}),
    ("browser", [*TWO, "-m", "browser"], {}),
    ("SQLite smoke", ["-m", "smoke"], {"TEST_ON": "sqlite"}),
]


def lacking() -> dict[str, str]:
    """What is not installed: Debian package -> the sentence to show."""
    found = servers.missing()
    if chromium.find() is None:
        found["chromium"] = chromium.MISSING
    return found


def install(packages: list[str]) -> None:
    """Install Debian packages where that is possible without asking: as root, with apt-get; else do nothing."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return
    print(f"Installing {', '.join(packages)} …", flush=True)
    # RUNLEVEL=1 keeps the packages from starting servers of their own on this machine.
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *packages],
    ):
        subprocess.run(command, env=env, check=False, stdout=subprocess.DEVNULL)


def run_stage(name: str, options: list[str], extra_env: dict[str, str]) -> tuple[str, int, float]:
    """Run one stage; gives its name, pytest's exit code and its seconds."""
    print(f"\n===== {name} =====", flush=True)
    started = time.monotonic()
    command = [sys.executable, "-m", "pytest", "-q", "--durations=15", "--durations-min=0.5", *options, *sys.argv[1:]]
    code = subprocess.run(command, env=os.environ | extra_env, check=False).returncode
    return name, code, time.monotonic() - started


def compile_translations() -> int:
    """Compile the translations that the pages are tested with; gives the exit code."""
    command = [".ci/demo-env", sys.executable, "manage.py", "i18n", "compile"]
    return subprocess.run(command, check=False).returncode


def main() -> int:
    """Prepare, run every stage even if one fails, print the sum; 1 when anything failed."""
    missing = lacking()
    if missing:
        install(list(missing))
        missing = lacking()
    for sentence in missing.values():
        print(f"MISSING: {sentence}; what needs it is {'a failure' if environment.IN_CI else 'left out'}.")
    if compile_translations() != 0:
        return 1
    results = [run_stage(*stage) for stage in STAGES]
    print("\n===== all stages =====")
    for name, code, seconds in results:
        verdict = {0: "passed", NO_TESTS: "no tests"}.get(code, "FAILED")
        print(f"{verdict:9} {name:18} {seconds:6.1f} s")
    for sentence in missing.values():
        print(f"left out  {sentence}")
    failed = any(code not in (0, NO_TESTS) for _, code, _ in results)
    return 1 if failed or (missing and environment.IN_CI) else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)

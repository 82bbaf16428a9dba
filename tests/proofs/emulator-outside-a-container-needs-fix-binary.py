"""A program of a foreign format starts in another root only when its emulator was registered with the flag F, which opens the emulator at registration."""

import shutil
from pathlib import Path

from lab.process import attempt
from proofs.bench import Bench, Skipped

# Registers an emulator for files that begin with PROOF in a user namespace of its own, so the host's list stays as it is,
# and starts such a file in a root that does not hold the emulator.
SCRIPT = """\
mount -t binfmt_misc binfmt_misc "$1" || exit 100
printf ':proof:M::PROOF::%s:%s' "$2" "$3" > "$1/register" || exit 101
exec chroot "$4" /program
"""


def prove(bench: Bench) -> None:
    busybox = shutil.which("busybox")
    if busybox is None:
        raise Skipped("busybox is not installed (Debian package busybox-static)")
    folder = Path(bench.folder) / "binfmt"
    (folder / "root").mkdir(parents=True)
    (folder / "list").mkdir()
    folder.chmod(0o755)
    # busybox is the emulator: by this name it prints its arguments, the program's path among them.
    emulator = folder / "echo"
    shutil.copy(busybox, emulator)
    program = folder / "root" / "program"
    program.write_bytes(b"PROOF\n")
    program.chmod(0o755)

    answers = {flags: start(folder, emulator, flags) for flags in ("", "F")}
    bench.record(without_flag=answers[""], with_flag_F=answers["F"])
    assert answers["F"] == "started", f"with the flag F: {answers['F']}"
    assert answers[""] != "started", "without the flag the emulator was found in a root that does not hold it"


def start(folder: Path, emulator: Path, flags: str) -> str:
    where = [str(folder / "list"), str(emulator), flags, str(folder / "root")]
    done = attempt("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", SCRIPT, "sh", *where)
    if done.returncode in (100, 101):
        raise Skipped(f"no binfmt_misc in a user namespace (Linux 6.7): {done.stderr.strip()}")
    return "started" if "/program" in done.stdout else done.stderr.strip().splitlines()[-1]

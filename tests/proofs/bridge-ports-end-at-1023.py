"""A Linux bridge takes 1,023 ports; the next is refused with "Exchange full", and a second bridge takes it."""

from pathlib import Path

from lab.process import attempt, run
from proofs.bench import Bench, Skipped

PORTS = 1023


def prove(bench: Bench) -> None:
    bench.need("ip", "iproute2")
    namespace = f"proof-{Path(bench.folder).name[-8:]}"
    if attempt("ip", "netns", "add", namespace).returncode != 0:
        raise Skipped("no network namespace can be made")
    try:
        if attempt("ip", "-n", namespace, "link", "add", "one", "type", "bridge").returncode != 0:
            raise Skipped("no bridge in this kernel")
        run("ip", "-n", namespace, "link", "add", "two", "type", "bridge")
        measure(bench, namespace)
    finally:
        run("ip", "netns", "delete", namespace)


def measure(bench: Bench, namespace: str) -> None:
    lines = [f"link add a{n} master one type veth peer name b{n}" for n in range(PORTS)]
    run("ip", "-n", namespace, "-batch", "-", stdin="\n".join(lines) + "\n", timeout=60)
    run("ip", "-n", namespace, "link", "add", "last", "type", "veth", "peer", "name", "other")
    refused = attempt("ip", "-n", namespace, "link", "set", "last", "master", "one")
    bench.record(ports=PORTS, one_more=refused.stderr.strip())
    assert refused.returncode != 0, f"a bridge took {PORTS + 1} ports"
    assert "Exchange full" in refused.stderr, f"one port more ends in {refused.stderr!r}"
    # Control: it is this bridge that is full, not the namespace.
    run("ip", "-n", namespace, "link", "set", "last", "master", "two")

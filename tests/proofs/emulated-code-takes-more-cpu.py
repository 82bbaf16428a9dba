"""The same program takes several times the processor time when every instruction of it is translated."""

import resource
from statistics import median

from lab.process import run
from proofs.bench import Bench

# What builds do most: read and sort words, chase pointers, sum numbers. No library does the work, which
# could be written for one machine and not for the other.
PROGRAM = """\
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
static uint32_t words[1 << 20];
static int ascending(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}
int main(void) {
    uint64_t state = 1, sum = 0;
    for (int round = 0; round < 2; round++) {
        for (int at = 0; at < 1 << 20; at++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            words[at] = state >> 32;
        }
        qsort(words, 1 << 20, sizeof *words, ascending);
        for (int at = 0; at < 1 << 20; at++) sum = sum * 31 + words[at];
    }
    printf("%llu\\n", (unsigned long long)sum);
    return 0;
}
"""
ROUNDS = 5


def prove(bench: Bench) -> None:
    bench.need("qemu-aarch64", "qemu-user")
    bench.need("aarch64-linux-gnu-gcc", "gcc-aarch64-linux-gnu")
    source = bench.folder / "program.c"
    source.write_text(PROGRAM)
    programs = {compiler: bench.folder / compiler for compiler in ("gcc", "aarch64-linux-gnu-gcc")}
    for compiler, program in programs.items():
        run(compiler, "-O2", "-static", "-o", program, source)

    native = [str(programs["gcc"])]
    emulated = ["qemu-aarch64", str(programs["aarch64-linux-gnu-gcc"])]
    answers, ratios = set(), []
    for _ in range(ROUNDS):
        (here, alone), (there, translated) = taken(native), taken(emulated)
        answers |= {here, there}
        ratios.append(translated / alone)
    bench.record(processor_time_emulated=f"× {median(ratios):.1f} ({min(ratios):.1f} to {max(ratios):.1f})")
    assert len(answers) == 1, f"they computed different things: {answers}"
    assert median(ratios) >= 2, f"emulated took {median(ratios):.1f} times the processor time"


def taken(command: list[str]) -> tuple[str, float]:
    """What a program printed, and the seconds of processor time it took."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    printed = run(*command)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return printed, (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)

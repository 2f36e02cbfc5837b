"""Counts the processor time that a request of the mix costs, by process, and beside another build's.

What the load itself costs is left out. Builds are measured in turn for a second each, so that a machine that others use
slows both alike. Where the system allows it, everything runs with a short time slice: then a wake-up does not wait until
a process that computes beside it has used up its own.
"""
import ctypes, os, statistics, struct

SCHED_SETATTR = 314  # x86-64; elsewhere the call fails, and nothing changes.


def shorten_slices():
    attributes = struct.pack("<IIQiIQQQ", 48, 0, 0, os.nice(0), 0, 100_000, 0, 0)
    return os.uname().machine == "x86_64" and ctypes.CDLL(None).syscall(SCHED_SETATTR, 0, attributes, 0) == 0


def family(root):
    """A process and all below it, as {pid: name}."""
    children, names = {}, {}
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{entry}/stat") as file:
                head, _, tail = file.read().rpartition(")")
        except OSError:
            continue
        children.setdefault(int(tail.split()[1]), []).append(int(entry))
        names[int(entry)] = head.partition("(")[2]
    found, left = {}, [root]
    while left:
        pid = left.pop()
        found[pid] = names.get(pid, "")
        left += children.get(pid, [])
    return found


def used(root):
    """Nanoseconds of processor time by the processes' names."""
    found = {}
    for pid, name in family(root).items():
        try:
            for task in os.listdir(f"/proc/{pid}/task"):
                with open(f"/proc/{pid}/task/{task}/schedstat") as file:
                    found[name] = found.get(name, 0) + int(file.read().split()[0])
        except OSError:
            pass
    return found


def measure(shops, load, rounds):
    """Microseconds a request: {shop: {process: [each round's]}}, where `load(shop)` gives the number of requests."""
    results = {name: {} for name in shops}
    for turn in range(rounds):
        for name in list(shops)[::1 if turn % 2 == 0 else -1]:
            before = used(shops[name].process.pid)
            count = load(shops[name])
            after = used(shops[name].process.pid)
            for process in after:
                spent = (after[process] - before.get(process, 0)) / count / 1000
                results[name].setdefault(process, [0.0] * rounds)[turn] = spent
    return results


def report(results):
    """Prints medians and, of several builds, the median of the rounds' ratios to the first."""
    names = list(results)
    first = results[names[0]]
    print("processor time a request, µs" + "".join(f"{name:>12}" for name in names))
    for process in sorted(first, key=lambda process: -statistics.median(first[process])):
        medians = [statistics.median(results[name].get(process, [0])) for name in names]
        if medians[0] >= 0.5:
            print(f"{process:28}" + "".join(f"{median:12.1f}" for median in medians))
    totals = {name: [sum(turn) for turn in zip(*results[name].values())] for name in names}
    print(f"{'all':28}" + "".join(f"{statistics.median(totals[name]):12.1f}" for name in names))
    for name in names[1:]:
        ratio = statistics.median(total / base for total, base in zip(totals[name], totals[names[0]]))
        print(f"{name} takes {ratio:.2f} x what {names[0]} takes")

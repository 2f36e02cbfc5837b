import Glibc
import WorkerProtocol

/// The workers a template forked: their memory is watched and their end is noticed.
struct WorkerChildren {
    private struct Child {
        let memoryLimit: UInt64
        /// `/proc/PID/statm`, kept open: reading it costs about a microsecond then.
        let statm: CInt
        var exceededLimit = false
    }

    private var children: [Int32: Child] = [:]
    private let pageSize = UInt64(sysconf(Int32(_SC_PAGESIZE)))

    var isEmpty: Bool { children.isEmpty }

    /// How long to wait before memory is looked at again, in nanoseconds; nil when there is nothing to look at.
    var checkInterval: Int64? {
        children.values.contains { $0.memoryLimit > 0 } ? 100_000_000 : nil
    }

    mutating func add(_ pid: Int32, memoryLimit: UInt64) {
        let statm = memoryLimit > 0 ? open("/proc/\(pid)/statm", O_RDONLY | O_CLOEXEC) : -1
        children[pid] = Child(memoryLimit: memoryLimit, statm: statm)
    }

    func signalAll(_ signal: Int32) {
        for pid in children.keys { kill(pid, signal) }
    }

    /// Ends every worker that holds more memory than it may.
    mutating func enforceMemoryLimits() {
        for (pid, child) in children where child.memoryLimit > 0 && !child.exceededLimit {
            guard let bytes = residentBytes(child.statm), bytes > child.memoryLimit else { continue }
            children[pid]?.exceededLimit = true
            kill(pid, SIGKILL)
        }
    }

    /// Takes leave of every worker that has ended.
    mutating func reap() -> [WorkerExit] {
        var exits: [WorkerExit] = []
        while true {
            var status: Int32 = 0
            var usage = rusage()
            let pid = wait4(-1, &status, WNOHANG, &usage)
            guard pid > 0 else { return exits }
            let child = children.removeValue(forKey: pid)
            if let child, child.statm >= 0 { close(child.statm) }
            let peak = UInt64(max(0, usage.ru_maxrss)) * 1_024
            exits.append(WorkerExit(pid: pid, cause: cause(status, peak, child), maximumResidentBytes: peak))
        }
    }

    private func cause(_ status: Int32, _ peak: UInt64, _ child: Child?) -> WorkerExit.Cause {
        let signal = status & 0x7F
        guard signal != 0 else { return .code((status >> 8) & 0xFF) }
        guard let child, child.memoryLimit > 0 else { return .signal(signal) }
        // Dying of a failed allocation looks like any crash; how much the process held tells it from others.
        let isCrash =
            signal == SIGABRT || signal == SIGTRAP || signal == SIGILL || signal == SIGSEGV || signal == SIGKILL
        return child.exceededLimit || (isCrash && peak > child.memoryLimit)
            ? .memoryLimit(signal: signal) : .signal(signal)
    }

    /// What the process holds in memory, files it maps left out.
    private func residentBytes(_ statm: CInt) -> UInt64? {
        guard statm >= 0 else { return nil }
        return withUnsafeTemporaryAllocation(byteCount: 128, alignment: 1) { room -> UInt64? in
            let count = pread(statm, room.baseAddress, room.count, 0)
            guard count > 0 else { return nil }
            // size resident shared text lib data dt, in pages
            let numbers = String(decoding: room[..<count], as: UTF8.self).split(separator: " ")
            guard numbers.count > 2, let resident = UInt64(numbers[1]), let shared = UInt64(numbers[2]) else {
                return nil
            }
            return (resident - min(resident, shared)) * pageSize
        }
    }
}

/// The hard end of a worker's memory, for growth faster than the template looks.
enum MemoryLimit {
    /// What a process may reserve beyond its limit: thread stacks and allocator arenas it never fills.
    private static let slack: UInt64 = 512 << 20

    /// Limits this process's own writable memory.
    ///
    /// 0 is no limit.
    static func apply(_ bytes: UInt64) {
        guard bytes > 0 else { return }
        let (sum, overflow) = bytes.addingReportingOverflow(slack)
        guard !overflow else { return }
        var limit = rlimit(rlim_cur: rlim_t(sum), rlim_max: rlim_t(sum))
        setrlimit(__rlimit_resource_t(RLIMIT_DATA.rawValue), &limit)
    }
}

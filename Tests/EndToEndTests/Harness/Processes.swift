import Glibc

/// What the kernel says of processes.
enum Processes {
    struct Entry: Sendable {
        var pid: pid_t
        var parent: pid_t
        var name: String
        var state: Character
    }

    /// All processes now, zombies left out.
    static func all() -> [Entry] {
        var entries: [Entry] = []
        guard let folder = opendir("/proc") else { return [] }
        defer { closedir(folder) }
        while let item = readdir(folder) {
            let name = withUnsafeBytes(of: item.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            guard let pid = pid_t(name), let entry = entry(pid) else { continue }
            if entry.state != "Z" { entries.append(entry) }
        }
        return entries
    }

    /// The process, its children, and theirs.
    static func tree(of root: pid_t) -> [Entry] {
        let all = all()
        var found = all.filter { $0.pid == root }
        var next = 0
        while next < found.count {
            let parent = found[next].pid
            found += all.filter { $0.parent == parent }
            next += 1
        }
        return found
    }

    static func entry(_ pid: pid_t) -> Entry? {
        // pid (name) state ppid …; a name may hold spaces and brackets.
        guard let text = file(pid, "stat"), let open = text.firstIndex(of: "("), let close = text.lastIndex(of: ")")
        else { return nil }
        let rest = text[text.index(after: close)...].split(separator: " ")
        guard rest.count > 1, let state = rest[0].first, let parent = pid_t(rest[1]) else { return nil }
        return Entry(pid: pid, parent: parent, name: String(text[text.index(after: open)..<close]), state: state)
    }

    static func isAlive(_ pid: pid_t) -> Bool {
        entry(pid).map { $0.state != "Z" } ?? false
    }

    /// The program and its arguments.
    static func commandLine(_ pid: pid_t) -> String {
        (file(pid, "cmdline") ?? "").replacing("\0", with: " ")
    }

    /// Memory of the process's own, without the files it maps, in KiB.
    static func anonymousKiB(_ pid: pid_t) -> Int {
        for line in (file(pid, "status") ?? "").split(separator: "\n") where line.hasPrefix("RssAnon:") {
            return line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        }
        return 0
    }

    private static func file(_ pid: pid_t, _ name: String) -> String? {
        let descriptor = open("/proc/\(pid)/\(name)", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        let bytes = [UInt8](unsafeUninitializedCapacity: 16_384) { buffer, count in
            count = max(0, read(descriptor, buffer.baseAddress, buffer.count))
        }
        return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
    }
}

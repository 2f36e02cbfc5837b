/// An executable with every shared library it needs, and those need, the loader included.
package struct LibraryClosure: Sendable {
    package struct Library: Sendable {
        /// The name it is asked for by.
        package var name: String
        /// Where it was found.
        package var path: String
        package var bytes: [UInt8]

        package init(name: String, path: String, bytes: [UInt8]) {
            self.name = name
            self.path = path
            self.bytes = bytes
        }

        /// Whether it comes with the C library, of which a process can have only one.
        package var isOfLibc: Bool {
            let stem = name.prefix { $0 != "." }
            return stem.hasPrefix("ld-") || stem.hasPrefix("ld64") || stem.hasPrefix("libnss_")
                || [
                    "libc", "libm", "libmvec", "libpthread", "libdl", "librt", "libresolv", "libutil", "libanl",
                    "libthread_db",
                ].contains(stem)
        }
    }

    /// In the order of their names.
    package let libraries: [Library]
    /// The loader, to be put where the executable names it.
    package let loader: Library?

    /// Follows what the executable asks for.
    ///
    /// - Parameters:
    ///   - executable: What is to run.
    ///   - find: A library by its name and the folders its asker wants searched first; nothing where there is none.
    /// - Throws: ``ClosureError`` naming every library that is missing or cannot be used, and who asks for it.
    package init(
        of executable: ELFFile,
        find: (_ name: String, _ machine: ELFFile.Machine, _ searchPath: [String]) -> Library?
    ) throws(ClosureError) {
        var found: [String: Library] = [:]
        var missing: [ClosureError.Missing] = []
        var waiting = executable.needed.map { (name: $0, asker: "the executable", path: executable.searchPath) }
        var asked: Set<String> = []
        while let next = waiting.popLast() {
            guard asked.insert(next.name).inserted else { continue }
            guard let library = find(next.name, executable.machine, next.path) else {
                missing.append(ClosureError.Missing(name: next.name, asker: next.asker, reason: nil))
                continue
            }
            do {
                let file = try ELFFile(library.bytes)
                found[next.name] = library
                waiting += file.needed.map { ($0, next.name, file.searchPath) }
            } catch {
                missing.append(ClosureError.Missing(name: next.name, asker: next.asker, reason: "\(error)"))
            }
        }
        var loader: Library?
        if let path = executable.interpreter {
            let name = String(path.split(separator: "/").last ?? "")
            loader = found.removeValue(forKey: name) ?? find(name, executable.machine, [])
            if loader == nil { missing.append(.init(name: path, asker: "the executable", reason: nil)) }
            loader?.path = path
        }
        guard missing.isEmpty else { throw ClosureError(missing: missing.sorted { $0.name < $1.name }) }
        self.loader = loader
        libraries = found.values.sorted { $0.name < $1.name }
    }
}

/// Libraries that are not there.
package struct ClosureError: Error, Equatable, CustomStringConvertible {
    package struct Missing: Equatable, Sendable {
        package var name: String
        package var asker: String
        package var reason: String?
    }

    package var missing: [Missing]

    package var description: String {
        missing.map { library in
            library.reason.map { "\(library.name), which \(library.asker) needs, cannot be used: \($0)" }
                ?? "\(library.name), which \(library.asker) needs, is not on this machine"
        }.joined(separator: "; ")
    }
}

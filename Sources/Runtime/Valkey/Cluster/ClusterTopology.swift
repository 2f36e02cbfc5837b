/// Where a node of a cluster is.
package struct ClusterNode: Hashable, Sendable, CustomStringConvertible {
    package var host: String
    package var port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads `host:port`, where the host may be an IPv6 address without brackets; a missing one is that of who said so.
    package init?(_ text: some StringProtocol, asker: ClusterNode) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]), port > 0
        else { return nil }
        self.init(host: text[..<colon].isEmpty ? asker.host : String(text[..<colon]), port: Int(port))
    }

    package var description: String { host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)" }
}

/// Which node has which slots.
package struct ClusterTopology: Hashable, Sendable {
    package struct Range: Hashable, Sendable {
        package var slots: ClosedRange<Int>
        package var node: ClusterNode

        package init(slots: ClosedRange<Int>, node: ClusterNode) {
            self.slots = slots
            self.node = node
        }
    }

    package var ranges: [Range]

    package init(ranges: [Range]) {
        self.ranges = ranges
    }

    /// Reads the reply to `CLUSTER SLOTS`: of each range its first and last slot, its master, and its replicas.
    ///
    /// A node whose name the cluster does not know (`?`) is left out; one without a name is where the asked one is.
    ///
    /// - Throws: ``ValkeyError/unexpectedReply(_:)``.
    package init(_ reply: ValkeyValue, asked: ClusterNode) throws(ValkeyError) {
        guard let entries = reply.array else { throw .unexpected(reply, wanted: "the slots of a cluster") }
        ranges = []
        for entry in entries {
            guard let parts = entry.array, parts.count >= 3, let first = parts[0].int, let last = parts[1].int,
                first <= last, first >= 0, last < HashSlot.count,
                let master = parts[2].array, master.count >= 2, let port = master[1].int, (1...65_535).contains(port)
            else { throw .unexpected(entry, wanted: "a range of slots with its nodes") }
            let name = master[0].string ?? ""
            if name == "?" { continue }
            let node = ClusterNode(host: name.isEmpty ? asked.host : name, port: port)
            ranges.append(Range(slots: first...last, node: node))
        }
    }
}

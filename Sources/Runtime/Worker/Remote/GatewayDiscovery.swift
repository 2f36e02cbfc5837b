import Peering
import Time

/// Follows the names of the gateways, with a dialer for each address behind them.
///
/// Runs on a thread of its own, since the name service may keep whoever asks it waiting.
struct GatewayDiscovery {
    let settings: RemoteSettings
    let report: @Sendable (ReportLevel, String) -> Void
    /// Hears how many gateways are known, whenever that changes.
    let expect: @Sendable (Int) -> Void
    /// Takes connections.
    let deliver: @Sendable (GatewayDialer.Connected) -> Void

    func start() throws(SystemError) {
        try Thread.start {
            var discovery = Running(self)
            while true {
                discovery.look()
                _ = try? Poll.wait([.nothing], nanoseconds: settings.resolveEvery.wholeNanoseconds)
            }
        }
    }

    private struct Running {
        let parent: GatewayDiscovery
        var dialers: [GatewayDialer.Target: GatewayDialer] = [:]
        var lastComplaint = ""
        var told: Int?

        init(_ parent: GatewayDiscovery) {
            self.parent = parent
        }

        mutating func look() {
            guard let targets = targets() else { return }
            if told != targets.count {
                told = targets.count
                parent.expect(targets.count)
            }
            for (target, dialer) in dialers where !targets.contains(target) {
                dialer.retire()
                dialers[target] = nil
            }
            for target in targets where dialers[target] == nil {
                do throws(SystemError) {
                    dialers[target] = try GatewayDialer(
                        target,
                        settings: parent.settings,
                        report: parent.report,
                        deliver: parent.deliver
                    )
                } catch {
                    complain("no thread for gateway \(target.host): \(error)")
                }
            }
        }

        /// Everybody to be connected to; nil when that cannot be found out now.
        private mutating func targets() -> Set<GatewayDialer.Target>? {
            var targets: Set<GatewayDialer.Target> = []
            for gateway in parent.settings.gateways {
                switch gateway {
                case .host(let host, let port):
                    targets.insert(.host(host, port: port))
                case .name(let host, let port):
                    do throws(ResolverError) {
                        for address in try Resolver.addresses(of: host, port: port) {
                            targets.insert(.address(address, host: host))
                        }
                        lastComplaint = ""
                    } catch {
                        complain("\(error); the gateways known so far are kept")
                        // A headless Service without pods has no address: no gateway is there.
                        if !error.isUnknownName { return nil }
                    }
                }
            }
            return targets
        }

        private mutating func complain(_ complaint: String) {
            parent.report(complaint == lastComplaint ? .debug : .warning, complaint)
            lastComplaint = complaint
        }
    }
}

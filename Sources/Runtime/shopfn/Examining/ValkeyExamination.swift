import LocalLauncher
import Text
import Valkey

/// Asks a Valkey server whether it is there.
enum ValkeyExamination {
    /// - Parameters:
    ///   - url: Where it is; nothing when the environment does not say, since `shopfn serve` then runs its own.
    ///   - search: Folders in which the program of such a server may be, besides those of `PATH`.
    /// - Returns: Whether it answers, or can be run.
    static func finding(url: String?, search: [String]) async -> Finding {
        guard let url else {
            guard let program = PrivateValkey.program(search) else {
                return .skipped(
                    .valkey,
                    "VALKEY_URL is not set, and no server is on this machine for 'shopfn serve' and 'shopfn invoke' to run; "
                        + "'make serve' installs one"
                )
            }
            return .right(.valkey, "VALKEY_URL is not set, so 'shopfn serve' runs a private one by \(program)")
        }
        let client: ValkeyClient
        do {
            client = try ValkeyClient(url, configuration: ValkeyConfiguration(timeout: .seconds(3)))
        } catch {
            return .wrong(
                .valkey,
                "VALKEY_URL is wrong: \(error)",
                fix: "set it as in valkey://127.0.0.1:6379",
                status: .wrongUsage
            )
        }
        let finding = await answer(of: client)
        await client.close()
        return finding
    }

    private static func answer(of client: ValkeyClient) async -> Finding {
        do {
            try await client.ping()
            guard client.url.isCluster else {
                // A server that does not let this user ask is taken for what the URL says.
                let info = try? await client.send(ValkeyCommand("INFO", "cluster")).string
                guard info?.includes("cluster_enabled:1") != true else {
                    return .wrong(
                        .valkey,
                        "the server of VALKEY_URL answers, but is one of a cluster's",
                        fix: "add ?cluster=true to VALKEY_URL"
                    )
                }
                return .right(.valkey, "the server of VALKEY_URL answers")
            }
            let nodes = try await client.onEveryNode(ValkeyCommand("PING")).count
            return .right(.valkey, "the cluster of VALKEY_URL answers, \(nodes) nodes with hash slots")
        } catch {
            return .wrong(.valkey, "\(error)", fix: fix(for: error))
        }
    }

    private static func fix(for error: ValkeyError) -> String {
        guard case .server(let reply) = error else {
            return "start it or correct VALKEY_URL; on a cluster, look at the security group and the NetworkPolicy"
        }
        switch reply.code {
        case "WRONGPASS", "NOAUTH", "NOPERM":
            return "correct user and password in VALKEY_URL; on a cluster, 'make bootstrap' carries them over again"
        default: return "look at the server's log"
        }
    }
}

// The client under measurement: GETs of concurrent callers on one connection.
//
// usage: valkey-benchmark URL CALLERS COUNT
// Prints the commands per second. Every reply is compared with the value expected.
import Valkey

@main
struct ValkeyBenchmark {
    static func main() async throws {
        let arguments = CommandLine.arguments
        guard arguments.count == 4, let callers = Int(arguments[2]), let count = Int(arguments[3]) else {
            print("usage: valkey-benchmark URL CALLERS COUNT")
            throw Usage()
        }
        let client = try ValkeyClient(arguments[1])
        for caller in 0..<callers { try await client.set("key-\(caller)", "value-\(caller)") }
        try await run(client, callers: callers, each: max(1, count / callers / 10))
        let time = try await ContinuousClock().measure {
            try await run(client, callers: callers, each: count / callers)
        }
        let seconds = Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18
        print(Int(Double(count / callers * callers) / seconds))
        await client.close()
    }

    private static func run(_ client: ValkeyClient, callers: Int, each: Int) async throws {
        try await withThrowingTaskGroup { group in
            for caller in 0..<callers {
                group.addTask {
                    let key = "key-\(caller)"
                    let expected = Array("value-\(caller)".utf8)
                    for _ in 0..<each {
                        guard try await client.get(key) == expected else { throw WrongReply() }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    struct Usage: Error {}
    struct WrongReply: Error {}
}

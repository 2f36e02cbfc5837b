import Randomness
import Testing
import Time
import Valkey

/// Drives a machine by hand: a clock that only the test moves, and calls that are just numbers.
private struct Bench {
    typealias Machine = ConnectionMachine<Int>

    var machine: Machine
    var now = Instant.origin
    var epoch: UInt64 = 0
    var outcomes: [Int: Result<ValkeyValue, ValkeyError>] = [:]
    var written: [String] = []
    var ids: [Int: UInt64] = [:]
    var wakeAt: Instant?
    var disconnects = 0
    var writable = true

    init(greeting: [String] = ["PING"], maxPending: Int = 100, maxWaitingBytes: Int = 1_000) {
        var settings = ConnectionSettings(
            endpoint: "test",
            greeting: greeting.map { Array($0.utf8) },
            maxPending: maxPending,
            maxWaitingBytes: maxWaitingBytes
        )
        settings.batchBytes = 50
        machine = Machine(settings: settings, seed: 1)
    }

    @discardableResult
    mutating func submit(
        _ call: Int,
        _ text: String? = nil,
        replies: Int = 1,
        timeout: Duration = .seconds(5)
    ) -> ValkeyError? {
        let bytes = Array("\(text ?? "c\(call)") ".utf8)
        switch machine.submit(call, bytes: bytes, replies: replies, deadline: now + timeout, now: now) {
        case .accepted(let id): ids[call] = id
        case .refused(let error): return error
        }
        poll()
        return nil
    }

    mutating func poll() {
        take(machine.poll(now: now, writable: writable))
    }

    mutating func take(_ work: Machine.Work) {
        if work.disconnect { disconnects += 1 }
        if let connect = work.connect { epoch = connect }
        // Every command of these tests ends with a space.
        written += String(decoding: work.write, as: UTF8.self).split(separator: " ").map(String.init)
        for (call, result) in work.outcomes {
            #expect(outcomes[call] == nil, "call \(call) was told twice")
            outcomes[call] = result
        }
        wakeAt = work.wakeAt
    }

    /// Lets time pass, waking the machine whenever it asked for it.
    mutating func pass(_ time: Duration) {
        let end = now + time
        while let wake = wakeAt, wake <= end {
            now = max(now, wake)
            let before = wakeAt
            poll()
            if wakeAt == before { break }
        }
        now = end
        poll()
    }

    mutating func open() {
        let wanted = machine.connected(epoch, now: now)
        #expect(wanted)
    }

    mutating func connect() {
        open()
        reply(.status("PONG"))
    }

    mutating func reply(_ values: ValkeyValue..., epoch old: UInt64? = nil) {
        var work = machine.received(values, old ?? epoch, now: now)
        machine.poll(now: now, writable: writable, work: &work)
        take(work)
    }

    mutating func lose(_ reason: String = "gone", epoch old: UInt64? = nil) {
        var work = machine.disconnected(old ?? epoch, reason: reason, now: now)
        machine.poll(now: now, writable: false, work: &work)
        take(work)
    }

    mutating func cancel(_ call: Int) -> Bool? {
        guard let id = ids[call], let given = machine.cancel(id) else { return nil }
        #expect(given.call == call)
        #expect(outcomes[call] == nil)
        outcomes[call] = .failure(.cancelled(maybeExecuted: given.maybeExecuted))
        return given.maybeExecuted
    }
}

private func expectCancel(_ bench: inout Bench, _ call: Int, _ maybeExecuted: Bool?) {
    let given = bench.cancel(call)
    #expect(given == maybeExecuted)
}

private func expectSubmit(_ bench: inout Bench, _ call: Int, _ text: String? = nil, _ error: ValkeyError?) {
    let refusal = bench.submit(call, text)
    #expect(refusal == error)
}

@Suite("The connection machine")
struct ConnectionMachineTests {
    private let lost = ValkeyError.connectionLost(reason: "gone")

    @Test("connects for the first call, greets, then writes")
    func lazily() {
        var bench = Bench(greeting: ["AUTH", "PING"])
        bench.poll()
        #expect(bench.epoch == 0)
        #expect(bench.wakeAt == nil)
        bench.submit(1)
        #expect(bench.epoch == 1)
        #expect(bench.written.isEmpty)
        bench.open()
        bench.reply(.status("OK"))
        #expect(bench.written.isEmpty)
        bench.reply(.status("PONG"))
        #expect(bench.written == ["c1"])
        bench.reply(.integer(7))
        #expect(bench.outcomes == [1: .success(.integer(7))])
    }

    @Test("gives replies in the order of the commands, however they arrive")
    func order() {
        var bench = Bench()
        bench.submit(0)
        bench.connect()
        for call in 1...9 { bench.submit(call) }
        bench.reply(.integer(0))
        bench.reply(.integer(1), .integer(2), .integer(3))
        for call in 4...9 { bench.reply(.integer(call)) }
        #expect(bench.outcomes.count == 10)
        for (call, result) in bench.outcomes { #expect(result == .success(.integer(call))) }
    }

    @Test("a cancelled call's reply is thrown away, and nobody else's")
    func cancellation() {
        var bench = Bench()
        bench.submit(1)
        bench.connect()
        bench.submit(2)
        bench.submit(3)
        expectCancel(&bench, 2, true)
        expectCancel(&bench, 2, nil)
        bench.reply(.integer(1), .integer(2), .integer(3))
        #expect(bench.outcomes[1] == .success(.integer(1)))
        #expect(bench.outcomes[2] == .failure(.cancelled(maybeExecuted: true)))
        #expect(bench.outcomes[3] == .success(.integer(3)))
        expectCancel(&bench, 3, nil)
    }

    @Test("a call cancelled before it was written is never written")
    func cancelledUnsent() {
        var bench = Bench()
        bench.submit(1)
        bench.submit(2)
        expectCancel(&bench, 1, false)
        bench.connect()
        #expect(bench.written == ["c2"])
        bench.reply(.integer(2))
        #expect(bench.outcomes[2] == .success(.integer(2)))
    }

    @Test("does not connect for calls that were all given up")
    func nobodyWaits() {
        var bench = Bench()
        bench.submit(1)
        bench.lose()
        expectCancel(&bench, 1, false)
        bench.pass(.seconds(10))
        #expect(bench.epoch == 1)
        #expect(bench.wakeAt == nil)
    }

    @Test("several replies make one outcome; an element's error stays in its place")
    func pipeline() {
        var bench = Bench()
        bench.submit(1, replies: 3)
        bench.connect()
        bench.submit(2)
        let error = ValkeyServerError("ERR x")
        bench.reply(.integer(1), .error(error))
        #expect(bench.outcomes.isEmpty)
        bench.reply(.null, .integer(2))
        #expect(bench.outcomes[1] == .success(.array([.integer(1), .error(error), .null])))
        #expect(bench.outcomes[2] == .success(.integer(2)))
    }

    @Test("a cancelled call of several replies takes all of them with it")
    func cancelledPipeline() {
        var bench = Bench()
        bench.submit(1, replies: 3)
        bench.connect()
        bench.submit(2)
        bench.reply(.integer(11))
        expectCancel(&bench, 1, true)
        bench.reply(.integer(12), .integer(13), .integer(2))
        #expect(bench.outcomes[2] == .success(.integer(2)))
    }

    @Test("a lost connection fails what was written and keeps what was not")
    func loss() {
        var bench = Bench()
        bench.submit(1)
        bench.connect()
        bench.writable = false
        bench.submit(2)
        bench.lose()
        #expect(bench.outcomes == [1: .failure(lost)])
        bench.writable = true
        bench.pass(.milliseconds(20))
        #expect(bench.epoch == 2)
        bench.connect()
        #expect(bench.written == ["c1", "c2"])
        bench.reply(.integer(2))
        #expect(bench.outcomes[2] == .success(.integer(2)))
    }

    @Test("replies, losses and connections of an old epoch change nothing")
    func oldEpoch() {
        var bench = Bench()
        bench.submit(1)
        bench.connect()
        bench.lose()
        bench.submit(2)
        bench.pass(.milliseconds(20))
        #expect(bench.epoch == 2)
        let wanted = bench.machine.connected(1, now: bench.now)
        #expect(!wanted)
        bench.reply(.integer(666), epoch: 1)
        bench.lose("again", epoch: 1)
        bench.connect()
        bench.reply(.integer(666), epoch: 1)
        #expect(bench.outcomes[2] == nil)
        bench.reply(.integer(2))
        #expect(bench.outcomes[2] == .success(.integer(2)))
        #expect(bench.disconnects == 0)
    }

    @Test("waits longer after each failure, up to the limit, and starts over once connected")
    func backoff() {
        let backoff = Backoff()
        var bench = Bench()
        bench.submit(1, timeout: .seconds(1_000))
        for failures in 1...12 {
            let before = bench.epoch
            bench.submit(100 + failures)
            bench.lose()
            let longest = min(Duration.milliseconds(10) * (1 << (failures - 1)), backoff.longest)
            // Not before half the wait, for certain after all of it.
            bench.pass(longest / 2 - .nanoseconds(1))
            #expect(bench.epoch == before, "failure \(failures)")
            bench.pass(longest / 2 + .nanoseconds(1))
            #expect(bench.epoch == before + 1, "failure \(failures)")
        }
        bench.connect()
        bench.submit(200)
        bench.lose()
        let before = bench.epoch
        bench.submit(201)
        bench.pass(.milliseconds(10))
        #expect(bench.epoch == before + 1)
    }

    @Test("waits are spread, never over the limit")
    func spread() {
        var random = SeededRandom(seed: 5)
        var seen: Set<Duration> = []
        for failures in 1...60 {
            let delay = Backoff().delay(failures: failures, random: random.next())
            #expect(delay > .zero)
            #expect(delay <= .milliseconds(500))
            seen.insert(delay)
        }
        #expect(seen.count > 50)
    }

    @Test("without a connection a call waits as long as patience lasts, and is told why")
    func patience() {
        var bench = Bench()
        bench.submit(1)
        bench.submit(2, timeout: .milliseconds(300))
        bench.lose("connection refused")
        bench.pass(.milliseconds(299))
        #expect(bench.outcomes.isEmpty)
        bench.lose("connection refused")
        let unreachable = ValkeyError.unreachable(endpoint: "test", reason: "connection refused")
        bench.pass(.milliseconds(1))
        #expect(bench.outcomes == [2: .failure(unreachable)])
        bench.pass(.milliseconds(699))
        bench.lose("connection refused")
        bench.pass(.milliseconds(1))
        #expect(bench.outcomes[1] == .failure(unreachable))
        #expect(bench.written.isEmpty)
    }

    @Test("a call out of time is told at once; its reply is thrown away when it comes")
    func deadline() {
        var bench = Bench()
        bench.submit(1, timeout: .milliseconds(100))
        bench.connect()
        bench.submit(2)
        bench.pass(.milliseconds(99))
        #expect(bench.outcomes.isEmpty)
        bench.pass(.milliseconds(1))
        #expect(bench.outcomes == [1: .failure(.timedOut(maybeExecuted: true))])
        bench.pass(.milliseconds(500))
        bench.reply(.integer(1), .integer(2))
        #expect(bench.outcomes[2] == .success(.integer(2)))
        #expect(bench.disconnects == 0)
    }

    @Test("a call that could not be written in time was certainly not executed")
    func deadlineUnsent() {
        var bench = Bench()
        bench.submit(1)
        bench.connect()
        bench.writable = false
        bench.submit(2, timeout: .milliseconds(100))
        bench.pass(.milliseconds(100))
        #expect(bench.outcomes == [2: .failure(.timedOut(maybeExecuted: false))])
        bench.writable = true
        bench.poll()
        #expect(bench.written == ["c1"])
    }

    @Test("gives up a connection on which nothing comes although replies are overdue")
    func silence() {
        var bench = Bench()
        bench.submit(1, timeout: .seconds(1))
        bench.connect()
        bench.submit(2, timeout: .seconds(60))
        bench.pass(.milliseconds(2_999))
        #expect(bench.disconnects == 0)
        bench.pass(.milliseconds(1))
        #expect(bench.disconnects == 1)
        guard case .failure(.connectionLost)? = bench.outcomes[2] else {
            Issue.record("the second call still waits on a dead connection")
            return
        }
    }

    @Test("keeps a connection that is slow but not overdue, such as under a blocking command")
    func slowIsNotDead() {
        var bench = Bench()
        bench.submit(1, timeout: .seconds(60))
        bench.connect()
        bench.pass(.seconds(59))
        #expect(bench.disconnects == 0)
        bench.reply(.null)
        #expect(bench.outcomes == [1: .success(.null)])
    }

    @Test("gives up an attempt that takes too long, at either stage", arguments: [false, true])
    func connectTimeout(greeted: Bool) {
        var bench = Bench()
        bench.submit(1, timeout: .seconds(60))
        if greeted { bench.open() }
        bench.pass(.milliseconds(1_999))
        #expect(bench.disconnects == 0)
        bench.submit(2)
        bench.pass(.milliseconds(1))
        #expect(bench.disconnects == 1)
        bench.pass(.milliseconds(20))
        #expect(bench.epoch == 2)
    }

    @Test("a refused greeting fails all waiting calls at once, with the server's reason")
    func refused() {
        var bench = Bench()
        bench.submit(1)
        bench.submit(2)
        bench.open()
        bench.reply(.error(ValkeyServerError("WRONGPASS no")))
        let error = ValkeyError.rejected(endpoint: "test", reason: "WRONGPASS no")
        #expect(bench.outcomes == [1: .failure(error), 2: .failure(error)])
        #expect(bench.disconnects == 1)
        bench.submit(3)
        #expect(bench.epoch == 1)
        bench.pass(.milliseconds(10))
        #expect(bench.epoch == 2)
        bench.connect()
        #expect(bench.written == ["c3"])
    }

    @Test(
        "a server that is still loading is tried again",
        arguments: ["LOADING wait", "ERR max number of clients reached"]
    )
    func loading(message: String) {
        var bench = Bench()
        bench.submit(1)
        bench.open()
        bench.reply(.error(ValkeyServerError(message)))
        #expect(bench.outcomes.isEmpty)
        #expect(bench.disconnects == 1)
        bench.pass(.milliseconds(10))
        bench.connect()
        bench.reply(.integer(1))
        #expect(bench.outcomes == [1: .success(.integer(1))])
    }

    @Test("a server that became a replica is left once its replies are in")
    func readOnly() {
        var bench = Bench()
        bench.submit(1)
        bench.connect()
        bench.submit(2)
        let error = ValkeyServerError("READONLY no")
        bench.reply(.error(error))
        bench.submit(3)
        #expect(bench.written == ["c1", "c2"])
        bench.reply(.integer(2))
        #expect(bench.disconnects == 1)
        #expect(bench.epoch == 2)
        bench.connect()
        bench.reply(.integer(3))
        #expect(bench.outcomes == [1: .success(.error(error)), 2: .success(.integer(2)), 3: .success(.integer(3))])
    }

    @Test("a reply that nothing asked for ends the connection")
    func unasked() {
        var bench = Bench()
        bench.submit(1)
        bench.connect()
        bench.reply(.integer(1), .integer(2))
        #expect(bench.outcomes == [1: .success(.integer(1))])
        #expect(bench.disconnects == 1)
    }

    @Test("refuses calls beyond its bounds, given-up ones that still have a place included")
    func bounds() {
        var bench = Bench(maxPending: 3)
        for call in 1...3 { expectSubmit(&bench, call, nil, nil) }
        bench.connect()
        expectCancel(&bench, 1, true)
        guard case .overloaded? = bench.submit(4) else {
            Issue.record("a fourth call was taken")
            return
        }
        bench.reply(.integer(1))
        expectSubmit(&bench, 5, nil, nil)
        var large = Bench(maxWaitingBytes: 10)
        expectSubmit(&large, 1, String(repeating: "x", count: 100), nil)
        guard case .overloaded? = large.submit(2) else {
            Issue.record("bytes beyond the bound were taken")
            return
        }
    }

    @Test("writes in batches, and stops while the transport is full")
    func batches() {
        var bench = Bench()
        bench.writable = false
        for call in 1...3 { bench.submit(call, String(repeating: "\(call)", count: 30)) }
        bench.connect()
        #expect(bench.written.isEmpty)
        bench.writable = true
        bench.poll()
        #expect(bench.written.count == 2)
        bench.poll()
        #expect(bench.written.count == 3)
    }

    @Test("once closed it tells every call and takes no more")
    func closing() {
        var bench = Bench()
        bench.submit(1)
        bench.connect()
        bench.writable = false
        bench.submit(2)
        bench.take(bench.machine.close())
        #expect(bench.outcomes[1] == .failure(.connectionLost(reason: "the client was closed")))
        #expect(bench.outcomes[2] == .failure(.closed))
        expectSubmit(&bench, 3, nil, .closed)
        let again = bench.machine.close()
        #expect(again.outcomes.isEmpty)
        bench.lose()
        bench.pass(.seconds(10))
        #expect(bench.epoch == 1)
    }

    @Test("whatever happens in whatever order, each call is told once, and a reply is only ever its own")
    func anyOrder() {
        for seed in UInt64(0)..<300 {
            var random = SeededRandom(seed: seed)
            var bench = Bench()
            var call = 0
            /// What the server of each epoch has read and not yet replied to.
            var unanswered: [Int] = []
            var served = 0
            var connectedEpoch: UInt64 = 0
            for _ in 0..<400 {
                switch random.next() % 12 {
                case 0...3:
                    call += 1
                    bench.submit(call, "\(call)", timeout: .milliseconds(Int(random.next() % 300)))
                case 4: _ = bench.cancel(Int(random.next() % UInt64(call + 1)))
                case 5: if random.next() % 4 == 0 { bench.lose() }
                case 6: bench.pass(.milliseconds(Int(random.next() % 40)))
                case 7: bench.writable.toggle()
                case 8:
                    if bench.epoch != connectedEpoch, bench.machine.connected(bench.epoch, now: bench.now) {
                        connectedEpoch = bench.epoch
                        unanswered = []
                        served = bench.written.count
                        bench.reply(.status("PONG"))
                    }
                default:
                    unanswered += bench.written[served...].compactMap { Int($0) }
                    served = bench.written.count
                    guard bench.epoch == connectedEpoch, !unanswered.isEmpty else { continue }
                    bench.reply(.integer(unanswered.removeFirst()))
                }
            }
            bench.take(bench.machine.close())
            #expect(bench.outcomes.count == call)
            for (call, result) in bench.outcomes {
                if case .success(let value) = result { #expect(value == .integer(call), "seed \(seed)") }
            }
        }
    }
}

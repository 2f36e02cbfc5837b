import Glibc
import Testing
import WorkerProtocol

extension ProcessTests {
    @Suite struct TemplateTests {
        @Test func aTemplateSaysWhatItHolds() throws {
            let launcher = try LauncherEnd()
            let ready = try launcher.ready()
            #expect(ready.module == "probe")
            #expect(ready.pid == launcher.process.pid)
            #expect(ready.version == ProtocolLimits.version)
            #expect(ready.handlers.contains("Hello"))
            #expect(procFile(launcher.process.pid, "comm") == "probe-template\n")
            try launcher.send(.shutdown)
            #expect(try launcher.process.end() == .code(0))
        }

        @Test func aForkedWorkerServes() throws {
            let launcher = try LauncherEnd(environment: ["INHERITED=yes"])
            _ = try launcher.ready()
            let (pid, gateway) = try launcher.worker(
                "Inspect",
                concurrency: 4,
                environment: [Spawn.Variable("GIVEN", "blue=green"), Spawn.Variable("INHERITED", "over")]
            )
            #expect(procFile(pid, "comm") == "fn-Inspect\n")
            for (variable, value) in [("GIVEN", "blue=green"), ("INHERITED", "over")] {
                try gateway.invoke(1, query: "variable=\(variable)")
                let text = try gateway.response(1).text
                #expect(text.contains(#""variable":"\#(value)""#), "\(text)")
                #expect(text.contains(#""pid":\#(pid)"#))
                #expect(text.contains(#""worker":"w1""#))
                // The thread that fork left must run no handler: its locks would know it by the template's id.
                #expect(!text.contains(#""thread":"\#(pid)/task/\#(pid)""#), "\(text)")
                #expect(text.contains(#""thread":"\#(pid)/task/"#), "\(text)")
            }
            let control = try #require(descriptors(of: launcher.process.pid)[3])
            #expect(control.hasPrefix("socket:"))
            #expect(!descriptors(of: pid).values.contains(control), "the worker kept its template's control socket")
            try gateway.send(.drain)
            #expect(try gateway.next() == .leaving)
            #expect(try launcher.exit(of: pid).cause == .code(0))
        }

        @Test func endsAreReported() throws {
            let launcher = try LauncherEnd()
            _ = try launcher.ready()
            let killed = try launcher.worker("Hello")
            kill(killed.pid, SIGKILL)
            let exit = try launcher.exit(of: killed.pid)
            #expect(exit.cause == .signal(SIGKILL))
            #expect(exit.maximumResidentBytes > 100_000)

            let crashed = try launcher.worker("Crash")
            try crashed.gateway.invoke(1)
            #expect(try launcher.exit(of: crashed.pid).cause == .signal(SIGABRT))

            let left = try launcher.worker("ExitNow")
            try left.gateway.invoke(1, query: "code=7")
            #expect(try launcher.exit(of: left.pid).cause == .code(7))

            let atStart = try launcher.spawn("CrashAtStart")
            #expect(try launcher.exit(of: atStart).cause == .signal(SIGABRT))

            let failed = try launcher.spawn("FailStart")
            #expect(try launcher.exit(of: failed).cause == .code(1))
        }

        @Test func anUnknownHandlerIsNoFork() throws {
            let launcher = try LauncherEnd()
            _ = try launcher.ready()
            let spawn = Spawn(
                workerID: "w",
                function: "f",
                handler: "Helo",
                gateway: "unix://\(launcher.listener.path)",
                token: "",
                revision: "",
                concurrency: 1
            )
            try launcher.send(.spawn(request: 9, spawn))
            guard case .forkFailed(9, ENOENT, let message)? = try launcher.next() else {
                throw ProbeProcess.Failed(description: "no forkFailed")
            }
            #expect(message.contains("no handler 'Helo'"))
            #expect(try launcher.worker("Hello").pid > 0)
        }

        /// Async handlers run in every worker of a template that itself stays with one thread.
        @Test func manyForksAreSound() throws {
            let launcher = try LauncherEnd()
            _ = try launcher.ready()
            for round in 0..<10 {
                var workers: [(pid: pid_t, gateway: GatewayEnd)] = []
                for _ in 0..<15 { workers.append(try launcher.worker("Sleep", concurrency: 8)) }
                for (_, gateway) in workers {
                    for id in 1...8 { try gateway.invoke(UInt32(id), query: "ms=1") }
                }
                for (pid, gateway) in workers {
                    for _ in 1...8 {
                        guard case .response(_, let part) = try gateway.next(), part.text == "slept" else {
                            throw ProbeProcess.Failed(description: "worker \(pid) of round \(round) does not answer")
                        }
                    }
                }
                let status = procFile(launcher.process.pid, "status") ?? ""
                #expect(status.contains("Threads:\t1\n"))
                for (pid, _) in workers { kill(pid, SIGKILL) }
                for _ in workers {
                    guard case .exited? = try launcher.next() else {
                        throw ProbeProcess.Failed(description: "a worker's end is missing")
                    }
                }
            }
        }

        @Test func ordersThatComeTogetherAreAllDone() throws {
            let launcher = try LauncherEnd()
            _ = try launcher.ready()
            var bytes: [UInt8] = []
            for request in 1...30 {
                let spawn = Spawn(
                    workerID: "w\(request)",
                    function: "f",
                    handler: "Hello",
                    gateway: "unix://\(launcher.listener.path)",
                    token: "",
                    revision: "",
                    concurrency: 1
                )
                try LauncherFrame.spawn(request: UInt32(request), spawn).append(to: &bytes)
            }
            try launcher.wire?.send(bytes)
            var gateways: [GatewayEnd] = []
            for request in 1...30 {
                guard case .forked(UInt32(request), _)? = try launcher.next() else {
                    throw ProbeProcess.Failed(description: "request \(request) was not answered in turn")
                }
                let gateway = GatewayEnd(try launcher.listener.accept())
                try gateway.welcome()
                gateways.append(gateway)
            }
            for gateway in gateways {
                try gateway.invoke(1)
                #expect(try gateway.response(1).text == "hello")
            }
        }

        @Test func aLauncherThatGoesAwayEndsEverything() throws {
            let launcher = try LauncherEnd()
            _ = try launcher.ready()
            let workers = try (0..<3).map { _ in try launcher.worker("Hello") }
            launcher.hangUp()
            for (_, gateway) in workers {
                #expect(try gateway.next() == .leaving)
                try gateway.send(.drain)
                #expect(try gateway.next() == .end)
            }
            #expect(try launcher.process.end() == .code(0))
        }

        @Test func aShutdownLetsInvocationsEnd() throws {
            let launcher = try LauncherEnd()
            _ = try launcher.ready()
            let (pid, gateway) = try launcher.worker("Sleep")
            try gateway.invoke(1, query: "ms=300")
            try launcher.send(.shutdown)
            #expect(try gateway.next() == .leaving)
            try gateway.send(.drain)
            #expect(try gateway.response(1).text == "slept")
            #expect(try launcher.exit(of: pid).cause == .code(0))
            #expect(try launcher.process.end() == .code(0))
        }

        @Test func workersOfADeadTemplateLeave() throws {
            let launcher = try LauncherEnd()
            _ = try launcher.ready()
            let (_, gateway) = try launcher.worker("Hello")
            kill(launcher.process.pid, SIGKILL)
            #expect(try gateway.next() == .leaving)
            try gateway.invoke(1)
            #expect(try gateway.response(1).text == "hello")
            try gateway.send(.drain)
            #expect(try gateway.next() == .end)
        }

        @Test func aWorkerThatHoldsTooMuchIsEndedAndReportedSo() throws {
            let launcher = try LauncherEnd()
            _ = try launcher.ready()
            let slow = try launcher.worker("AllocateMemory", memoryLimit: 64 << 20)
            try slow.gateway.invoke(1, query: "mib=32&ms=1")
            #expect(try slow.gateway.response(1).status == 200)
            try slow.gateway.invoke(1, query: "mib=128&ms=5000")
            let exit = try launcher.exit(of: slow.pid)
            #expect(exit.cause == .memoryLimit(signal: SIGKILL))
            #expect(exit.maximumResidentBytes > 64 << 20)

            // Growth faster than the template looks ends at the hard limit.
            let fast = try launcher.worker("AllocateMemory", memoryLimit: 64 << 20)
            try fast.gateway.invoke(1, query: "mib=16384&ms=5000")
            let crash = try launcher.exit(of: fast.pid)
            guard case .memoryLimit = crash.cause else {
                Issue.record("\(crash.cause)")
                return
            }
            #expect(crash.maximumResidentBytes < 1 << 30)
        }

        @Test func aTemplateWithoutAControlSocketSaysSo() throws {
            let process = try ProbeProcess(["--template"])
            #expect(try process.end() == .code(3))
            #expect(process.text.contains("needs its control socket as descriptor 3"))
        }

        /// What the descriptors of a process are, by their numbers.
        private func descriptors(of pid: pid_t) -> [Int: String] {
            var found: [Int: String] = [:]
            for number in 0..<128 {
                var target = [CChar](repeating: 0, count: 256)
                let count = readlink("/proc/\(pid)/fd/\(number)", &target, target.count)
                if count > 0 {
                    found[number] = String(decoding: target[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
                }
            }
            return found
        }
    }
}

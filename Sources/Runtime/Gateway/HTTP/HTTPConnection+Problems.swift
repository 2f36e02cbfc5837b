import HTTPWire
import NIOCore
import WorkerProtocol

/// Answers in the gateway's own name, and the fields that it adds to every response.
extension HTTPConnection {
    /// Answers the current request in the gateway's own name.
    func answer(_ problem: GatewayProblem, closing: Bool = false) {
        guard let current else {
            answerMalformed(problem)
            return
        }
        var terms = current.head.terms
        if closing || !current.bodyEnded || local.isDraining { terms.keepsAlive = false }
        answer(problem, terms: terms, facts: current.facts)
    }

    /// Answers a request that leads to no function.
    func answerAlone(_ head: RequestHead, _ facts: RequestFacts, _ problem: GatewayProblem) {
        server.answered(problem.status)
        var terms = head.terms
        if head.framing != .none || local.isDraining { terms.keepsAlive = false }
        answer(problem, terms: terms, facts: facts)
    }

    /// Answers what was no request.
    func answerMalformed(_ problem: GatewayProblem) {
        server.answered(problem.status)
        request += 1
        answer(problem, terms: ResponseTerms(keepsAlive: false), facts: nil)
    }

    func answer(_ problem: GatewayProblem, terms: ResponseTerms, facts: RequestFacts?) {
        let body = problem.status == 204 ? [] : problem.body(requestID: facts?.requestIDText ?? "unknown")
        local.scratch.removeAll(keepingCapacity: true)
        do {
            var encoder = try ResponseEncoder(
                status: problem.status,
                length: .known(body.count),
                terms: terms,
                date: local.date,
                into: &local.scratch
            )
            if !body.isEmpty { try add("Content-Type", "application/problem+json", to: &encoder) }
            if let seconds = problem.retryAfter { try add("Retry-After", "\(seconds)", to: &encoder) }
            if let allow = problem.allow { try add("Allow", allow, to: &encoder) }
            if let facts { try addFacts(facts, to: &encoder) }
            encoder.endHead(into: &local.scratch)
            try body.withUnsafeBytes { try encoder.body($0, into: &local.scratch) }
            try encoder.end(into: &local.scratch)
            write(local.scratch)
            finish(keepsAlive: encoder.keepsAlive)
        } catch {
            abort()
        }
    }

    func add(_ name: String, _ value: String, to encoder: inout ResponseEncoder) throws {
        var name = name
        var value = value
        try name.withUTF8 { name in
            try value.withUTF8 { value in
                try encoder.field(
                    UnsafeRawBufferPointer(name),
                    UnsafeRawBufferPointer(value),
                    into: &local.scratch
                )
            }
        }
    }

    func addFacts(_ facts: RequestFacts, to encoder: inout ResponseEncoder) throws {
        try facts.bytes.withUnsafeBytes { bytes in
            try encoder.field(
                Self.bytes("X-Request-Id"),
                UnsafeRawBufferPointer(rebasing: bytes[facts.requestID]),
                into: &local.scratch
            )
            try encoder.field(
                Self.bytes("traceparent"),
                UnsafeRawBufferPointer(rebasing: bytes[facts.traceparent]),
                into: &local.scratch
            )
        }
    }

    static func bytes(_ text: StaticString) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount)
    }

    /// Whether the gateway itself sets the field, so that a handler's is not sent.
    static func isOwn(_ name: UnsafeRawBufferPointer) -> Bool {
        switch name.count {
        case 11: asciiEqual(name, bytes("traceparent"))
        case 12: asciiEqual(name, bytes("x-request-id"))
        default: false
        }
    }
}

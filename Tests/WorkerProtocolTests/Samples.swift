import WorkerProtocol

/// One frame of every kind, encoded, with a way to decode it and encode it again.
struct Sample: Sendable {
    let name: String
    let bytes: [UInt8]
    let direction: Direction

    enum Direction: CaseIterable, Sendable {
        case gateway
        case worker
        case scaler
        case demand
        case launcher
        case template
    }
}

extension Sample.Direction {
    /// Decodes the first frame and encodes it again; nil when more bytes are needed.
    func reencode(_ bytes: UnsafeRawBufferPointer) throws(ProtocolViolation) -> (bytes: [UInt8], size: Int)? {
        var again: [UInt8] = []
        switch self {
        case .gateway:
            guard let (frame, size) = try GatewayFrame.decode(bytes) else { return nil }
            try frame.append(to: &again)
            return (again, size)
        case .worker:
            guard let (frame, size) = try WorkerFrame.decode(bytes) else { return nil }
            try frame.append(to: &again)
            return (again, size)
        case .scaler:
            guard let (frame, size) = try ScalerFrame.decode(bytes) else { return nil }
            try frame.append(to: &again)
            return (again, size)
        case .demand:
            guard let (frame, size) = try DemandFrame.decode(bytes) else { return nil }
            try frame.append(to: &again)
            return (again, size)
        case .launcher:
            guard let (frame, size) = try LauncherFrame.decode(bytes) else { return nil }
            try frame.append(to: &again)
            return (again, size)
        case .template:
            guard let (frame, size) = try TemplateFrame.decode(bytes) else { return nil }
            try frame.append(to: &again)
            return (again, size)
        }
    }
}

enum Samples {
    static let invoke: InvokeMessage = {
        var message = InvokeMessage(method: "POST", path: "/api/caf%C3%A9/7")
        message.flags = [.idempotent, .retried]
        message.remaining = .milliseconds(2_500)
        message.query = "a=1&b=%20&a=2"
        message.route = "/api/{kind}/{id}"
        message.parameters = [("kind", "café"), ("id", "7")]
        message.headers = [
            ("host", "shop.example"), ("Accept", "*/*"), ("x-empty", ""), ("Cookie", "a=b"), ("cookie", "c=d"),
        ]
        message.requestID = "0190-abc"
        message.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        message.tracestate = "vendor=1"
        message.clientAddress = "2001:db8::1"
        message.function = "place-order"
        message.body = Array(#"{"n":1}"#.utf8)
        return message
    }()

    static let hello = Hello(
        token: "sécret",
        workerID: "w-1",
        function: "place-order",
        revision: "r9",
        concurrency: 32,
        pid: 4_242
    )

    static let spawn = Spawn(
        workerID: "w-1",
        function: "place-order",
        handler: "PlaceOrder",
        gateway: "unix:///run/shopfn/gateway.sock",
        token: "t",
        revision: "r9",
        concurrency: 32,
        memoryLimit: 128 << 20,
        environment: [.init("A", "1"), .init("EMPTY", "")]
    )

    private static let scalerFrames: [(String, ScalerFrame)] = [
        ("scaler hello", .hello(ScalerHello(token: "sécret", scalerID: "autoscaler-0"))),
        ("lead", .lead(true)),
        ("follow", .lead(false)),
        (
            "status",
            .status(PoolStatus(function: "place-order", wanted: 3, pods: 2, reason: "9 in flight", policy: "hybrid"))
        ),
        (
            "status with failure",
            .status(
                PoolStatus(
                    function: "place-order",
                    wanted: 1,
                    pods: 1,
                    reason: "",
                    policy: "",
                    failure: PoolFailure(kind: .imagePull, message: "not found", retryAfter: .milliseconds(1_500))
                )
            )
        ),
        (
            "status with a passing failure",
            .status(
                PoolStatus(
                    function: "f",
                    wanted: 1,
                    pods: 0,
                    reason: "",
                    policy: "",
                    failure: PoolFailure(kind: .quota, message: "pods exceeded")
                )
            )
        ),
        ("forget", .forget(function: "place-order")),
        ("ask loads", .askLoads(function: "place-order")),
        ("fire", .fire(Firing(number: 1 << 33, function: "recover-orders", schedule: "every 10s"))),
        ("claim", .claim(PoolClaim(function: "place-order", wanted: 3, kept: nil))),
        ("unsure claim", .claim(PoolClaim(function: "place-order", wanted: 3, kept: 5))),
        ("scaler pong", .pong),
    ]

    private static let demandFrames: [(String, DemandFrame)] = [
        ("scaler welcome", .welcome(gatewayID: "1f")),
        ("scaler refuse", .refuse(Refusal(code: .version, reason: "old"))),
        (
            "demand",
            .demand(
                PoolDemand(
                    function: "place-order",
                    route: "POST /api/checkout",
                    arrivals: 1 << 40,
                    inFlight: 9,
                    queued: 4,
                    freeSlots: 0,
                    readyWorkers: 2,
                    leavingWorkers: 1,
                    concurrency: 32
                )
            )
        ),
        ("removed", .removed(function: "place-order")),
        ("snapshot end", .snapshotEnd),
        (
            "loads",
            .loads(WorkerLoads(function: "f", loads: [.init(workerID: "pod-a", held: 3)], isEnd: false))
        ),
        ("no loads", .loads(WorkerLoads(function: "f", loads: [], isEnd: true))),
        ("fired", .fired(Fired(number: 1 << 33, status: 204))),
        ("not fired", .fired(Fired(number: 7, status: nil, message: "it is leaving"))),
        ("others' claim", .othersClaim(PoolClaim(function: "f", wanted: 0, kept: nil))),
        ("others' unsure claim", .othersClaim(PoolClaim(function: "f", wanted: 1 << 20, kept: 0))),
        ("others silent", .othersSilent(function: "place-order")),
        ("scaler ping", .ping),
    ]

    static func all() throws -> [Sample] {
        var samples: [Sample] = []
        func add(_ name: String, _ direction: Sample.Direction, _ encode: (inout [UInt8]) throws -> Void) throws {
            var bytes: [UInt8] = []
            try encode(&bytes)
            samples.append(Sample(name: name, bytes: bytes, direction: direction))
        }
        let body: [UInt8] = Array(0...255)
        try add("welcome", .gateway) { try GatewayFrame.welcome(Welcome()).append(to: &$0) }
        try add("refuse", .gateway) {
            try GatewayFrame.refuse(Refusal(code: .token, reason: "wrong token")).append(to: &$0)
        }
        try add("invoke", .gateway) { try invoke.append(id: 7, to: &$0) }
        try add("bare invoke", .gateway) { try InvokeMessage(method: "GET", path: "/").append(id: .max, to: &$0) }
        try add("request body", .gateway) { out in
            try body.withUnsafeBytes { try GatewayFrame.requestBody(id: 7, isEnd: true, bytes: $0).append(to: &out) }
        }
        try add("response credit", .gateway) { try GatewayFrame.responseCredit(id: 7, bytes: 65_536).append(to: &$0) }
        try add("cancel", .gateway) { try GatewayFrame.cancel(id: 7, .clientGone).append(to: &$0) }
        try add("drain", .gateway) { try GatewayFrame.drain.append(to: &$0) }
        try add("ping", .gateway) { try GatewayFrame.ping.append(to: &$0) }
        try add("want", .gateway) { try GatewayFrame.want(slots: 3).append(to: &$0) }
        try add("reclaimed", .gateway) { try GatewayFrame.reclaimed(slots: 2).append(to: &$0) }

        try add("hello", .worker) { try WorkerFrame.hello(hello).append(to: &$0) }
        try add("offer", .worker) { try WorkerFrame.offer(slots: 32).append(to: &$0) }
        var headers = Fields()
        headers.append("content-type", "text/plain")
        headers.append("set-cookie", "a=b")
        try add("response", .worker) { out in
            try body.withUnsafeBytes { body in
                try headers.withView { headers in
                    let view = ResponseView(isEnd: true, returnsSlot: true, status: 201, headers: headers, body: body)
                    try WorkerFrame.response(id: 7, view).append(to: &out)
                }
            }
        }
        try add("response body", .worker) { out in
            try body.withUnsafeBytes {
                try WorkerFrame.responseBody(id: 7, isEnd: false, returnsSlot: true, bytes: $0).append(to: &out)
            }
        }
        try add("request credit", .worker) { try WorkerFrame.requestCredit(id: 7, bytes: 1).append(to: &$0) }
        try add("failure", .worker) {
            let failure = InvocationFailure(code: .cancelled, message: "deadline")
            try WorkerFrame.failure(id: 7, returnsSlot: true, failure).append(to: &$0)
        }
        try add("leaving", .worker) { try WorkerFrame.leaving.append(to: &$0) }
        try add("start failed", .worker) { try WorkerFrame.startFailed(message: "no stock").append(to: &$0) }
        try add("pong", .worker) { try WorkerFrame.pong.append(to: &$0) }
        try add("reclaim", .worker) { try WorkerFrame.reclaim(slots: 2).append(to: &$0) }

        for (name, frame) in scalerFrames { try add(name, .scaler) { try frame.append(to: &$0) } }
        for (name, frame) in demandFrames { try add(name, .demand) { try frame.append(to: &$0) } }

        try add("spawn", .launcher) { try LauncherFrame.spawn(request: 3, spawn).append(to: &$0) }
        try add("shutdown", .launcher) { try LauncherFrame.shutdown.append(to: &$0) }
        let ready = TemplateReady(pid: 99, module: "catalog", handlers: ["GetProduct", "ListProducts"])
        try add("ready", .template) { try TemplateFrame.ready(ready).append(to: &$0) }
        try add("forked", .template) { try TemplateFrame.forked(request: 3, pid: 100).append(to: &$0) }
        try add("fork failed", .template) {
            try TemplateFrame.forkFailed(request: 3, errno: 11, message: "try again").append(to: &$0)
        }
        for cause in [WorkerExit.Cause.code(1), .signal(9), .memoryLimit(signal: 9)] {
            try add("exited \(cause)", .template) {
                try TemplateFrame.exited(WorkerExit(pid: 100, cause: cause, maximumResidentBytes: 1 << 33))
                    .append(to: &$0)
            }
        }
        return samples
    }
}

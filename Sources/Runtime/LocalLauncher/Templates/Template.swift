import CShims
import Glibc
import Logging
import NIOCore
import NIOPosix
import Text
import WorkerProtocol

/// A module's loaded process, which forks its workers.
///
/// Belongs to one event loop.
final class Template {
    /// Hears of the workers of one template.
    struct Worker {
        /// The worker is this process.
        let forked: (pid_t) -> Void
        /// The process ended, or was never made, for this reason.
        let ended: (WorkerExit.Cause?, String?) -> Void
    }

    /// A worker that is asked for.
    private struct Request {
        let spawn: Spawn
        let worker: Worker
        /// The process that was asked first ended before it could.
        var isSecond = false
    }

    let module: ModuleFile
    /// What the module said it holds, once it said so.
    private(set) var handlers: [String]?

    private let loop: any EventLoop
    private let logger: Logger
    private var process: pid_t?
    private var channel: (any Channel)?
    private var nextRequest: UInt32 = 1
    private var forking: [UInt32: Request] = [:]
    private var workers: [pid_t: Worker] = [:]
    private var out: [UInt8] = []
    private var isRetiring = false
    private var whenEnded: [() -> Void] = []

    init(module: ModuleFile, loop: any EventLoop, logger: Logger) {
        self.module = module
        self.loop = loop
        self.logger = logger
    }

    /// Whether a process runs.
    var isRunning: Bool { process != nil }

    /// Starts the process if none runs; returns the reason where it can not be.
    func start() -> String? {
        guard process == nil else { return nil }
        var ends: [Int32] = [-1, -1]
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            return "no socket for the module \(module.name): \(String(cString: strerror(errno)))"
        }
        // What handlers print joins the logs: standard output is this program's own, and may have to be JSON.
        var options = shopfn_spawn_options(descriptor3: ends[1], output: STDERR_FILENO, parent_death_signal: SIGTERM)
        var child: pid_t = 0
        let error = withStrings([module.path, "--template"]) { arguments in
            shopfn_spawn(module.path, arguments, environ, &options, &child)
        }
        close(ends[1])
        guard error == 0 else {
            close(ends[0])
            return "the module \(module.name) at \(module.path) can not be run: \(String(cString: strerror(error)))"
        }
        process = child
        connect(ends[0])
        return nil
    }

    /// Asks for a worker.
    ///
    /// Its news come later, never from within the call.
    func spawn(_ spawn: Spawn, _ worker: Worker) {
        ask(Request(spawn: spawn, worker: worker))
    }

    private func ask(_ request: Request) {
        let bound = NIOLoopBound(request.worker, eventLoop: loop)
        if let reason = start() {
            loop.execute { bound.value.ended(nil, reason) }
            return
        }
        let number = nextRequest
        nextRequest = nextRequest == .max ? 1 : nextRequest + 1
        do {
            try LauncherFrame.spawn(request: number, request.spawn).append(to: &out)
            forking[number] = request
            flush()
        } catch {
            let reason = "its environment is too large: \(error)"
            loop.execute { bound.value.ended(nil, reason) }
        }
    }

    /// Ends the process once its last worker ended.
    func retire() {
        isRetiring = true
        endIfDone()
    }

    /// Calls `body` once the process is gone.
    func onEnd(_ body: @escaping () -> Void) {
        if process == nil { body() } else { whenEnded.append(body) }
    }

    /// Ends the process and what it forked, without waiting for anything.
    func kill() {
        if let process { Glibc.kill(process, SIGKILL) }
    }

    private func endIfDone() {
        guard isRetiring, workers.isEmpty, forking.isEmpty, process != nil else { return }
        // A frame without content always fits.
        try? LauncherFrame.shutdown.append(to: &out)
        flush()
    }

    private func connect(_ descriptor: Int32) {
        let bound = NIOLoopBound(self, eventLoop: loop)
        ClientBootstrap(group: loop)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(TemplateHandler(template: bound.value))
                }
            }
            .withConnectedSocket(descriptor)
            .whenComplete { result in
                switch result {
                case .success(let channel):
                    bound.value.channel = channel
                    bound.value.flush()
                case .failure(let error):
                    bound.value.logger.error("no connection to the module \(bound.value.module.name): \(error)")
                    bound.value.kill()
                    bound.value.disconnected()
                }
            }
    }

    private func flush() {
        guard let channel, !out.isEmpty else { return }
        channel.writeAndFlush(channel.allocator.buffer(bytes: out), promise: nil)
        out.removeAll(keepingCapacity: true)
    }

    fileprivate func receive(_ frame: TemplateFrame) {
        switch frame {
        case .ready(let ready):
            handlers = ready.handlers
        case .forked(let request, let pid):
            guard let worker = forking.removeValue(forKey: request)?.worker else { return }
            workers[pid] = worker
            worker.forked(pid)
        case .forkFailed(let request, _, let message):
            forking.removeValue(forKey: request)?.worker.ended(nil, message)
            endIfDone()
        case .exited(let exit):
            workers.removeValue(forKey: exit.pid)?.ended(exit.cause, nil)
            endIfDone()
        }
    }

    /// The process closed its end: it is ending, and its workers with it.
    fileprivate func disconnected() {
        channel = nil
        guard let process else { return }
        // Its successor may be asked for before it is reaped: what was the one's must not become the other's.
        let lost = Lost(process: process, forking: Array(forking.values), workers: Array(workers.values))
        self.process = nil
        forking.removeAll()
        workers.removeAll()
        out.removeAll()
        reap(lost, attempts: 0)
    }

    /// A process that is ending, and whom that concerns.
    private struct Lost {
        let process: pid_t
        let forking: [Request]
        let workers: [Worker]
    }

    private func reap(_ lost: Lost, attempts: Int) {
        var status: Int32 = 0
        let reaped = waitpid(lost.process, &status, WNOHANG)
        guard reaped == 0 || (reaped < 0 && errno == EINTR) else {
            ended(lost, status)
            return
        }
        // It closed its socket and lives on: it gets two seconds.
        if attempts == 200 { Glibc.kill(lost.process, SIGKILL) }
        let bound = NIOLoopBound((self, lost), eventLoop: loop)
        loop.scheduleTask(in: .milliseconds(10)) {
            let (template, lost) = bound.value
            template.reap(lost, attempts: attempts + 1)
        }
    }

    private func ended(_ lost: Lost, _ status: Int32) {
        let signal = status & 0x7F
        let how = signal == 0 ? "exited with code \(status >> 8 & 0xFF)" : "was ended by \(SignalText.text(signal))"
        if !isRetiring { logger.error("the module \(module.name) \(how)") }
        for worker in lost.workers { worker.ended(nil, "the process of its module \(how)") }
        for var request in lost.forking {
            // One that dies of what it is asked for does so twice.
            guard !request.isSecond, !isRetiring else {
                request.worker.ended(nil, "the process of its module \(how)")
                continue
            }
            request.isSecond = true
            ask(request)
        }
        guard process == nil else { return }
        for body in whenEnded { body() }
        whenEnded.removeAll()
    }
}

/// Decodes what a template says.
private final class TemplateHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private let template: Template
    private var unread = ByteBuffer()

    init(template: Template) {
        self.template = template
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var incoming = unwrapInboundIn(data)
        unread.writeBuffer(&incoming)
        do {
            while let (frame, size) = try unread.withUnsafeReadableBytes({ try TemplateFrame.decode($0) }) {
                unread.moveReaderIndex(forwardBy: size)
                template.receive(frame)
            }
            unread.discardReadBytes()
        } catch {
            context.close(promise: nil)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        template.disconnected()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}

import Hosting
import Synchronization
import Time

extension NodeConnection: HostedSource {
    var descriptor: CInt? { hosted.flatMap { $0.socket.isOpen ? $0.socket.descriptor : nil } }

    var isFull: Bool { hosted.map { !$0.socket.isWritable } ?? false }

    var wakeAt: Int64? {
        guard let time = hosted?.wakeAt.load(ordering: .relaxed), time != .max else { return nil }
        return time
    }

    func begin() {
        inbox.awake()
    }

    func ready() {
        guard let hosted else { return }
        if !hosted.socket.isWritable {
            hosted.socket.resume()
            if hosted.socket.isWritable { run() }
        }
        let epoch = hosted.epoch
        switch hosted.socket.receive() {
        case .nothing: break
        case .replies(let replies):
            if !replies.isEmpty { received(replies, epoch) }
        case .ended(let reason, let replies):
            if !replies.isEmpty { received(replies, epoch) }
            hosted.socket.close()
            ended(epoch, reason: reason)
        }
    }

    func flush() {
        guard let hosted else { return }
        hosted.socket.sweep()
        if isDue {
            timeCame()
        } else if hosted.wantedEpoch == nil, inbox.rest() {
            return
        }
        repeat {
            run()
            while let epoch = hosted.wantedEpoch {
                hosted.wantedEpoch = nil
                hosted.socket.close()
                hosted.socket.sweep()
                if let reason = hosted.socket.connect() {
                    ended(epoch, reason: reason)
                } else {
                    hosted.epoch = epoch
                    opened(hosted.socket, epoch)
                }
            }
            hosted.socket.sweep()
        } while !inbox.rest()
    }

    private var isDue: Bool {
        guard let time = wakeAt else { return false }
        return Instant.now.nanoseconds >= time
    }
}

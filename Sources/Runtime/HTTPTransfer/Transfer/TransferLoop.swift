import CCurl
import Synchronization

/// The one thread on which all transfers of a client run, and the way to it.
final class TransferLoop: Sendable {
    enum Order: Sendable {
        case start(Transfer.Plan)
        case cancel(UInt64)
        case resume(UInt64)
    }

    /// libcurl's multi handle.
    struct Multi: @unchecked Sendable {
        // Only the loop's thread uses it, but for curl_multi_wakeup, which libcurl allows from any thread.
        let handle: UnsafeMutableRawPointer
    }

    private struct State: Sendable {
        var orders: [Order] = []
        var multi: Multi?
        var pending = 0
        var isStopped = false
        var whenStopped: [CheckedContinuation<Void, Never>] = []
    }

    let configuration: HTTPClientConfiguration
    private let state = Mutex(State())

    init(configuration: HTTPClientConfiguration) {
        self.configuration = configuration
    }

    // MARK: From any thread

    func start(_ plan: Transfer.Plan) {
        let refusal = state.withLock { state -> HTTPClientError? in
            if state.isStopped { return .closed }
            guard state.pending < configuration.maxRequests else {
                return .overloaded(limit: configuration.maxRequests)
            }
            if let error = startThread(&state) { return error }
            state.pending += 1
            post(.start(plan), &state)
            return nil
        }
        if let refusal { plan.receiver.fail(refusal) }
    }

    func cancel(_ ticket: TransferTicket) {
        ticket.cancel()
        state.withLock { post(.cancel(ticket.id), &$0) }
    }

    func resume(_ ticket: TransferTicket) {
        state.withLock { post(.resume(ticket.id), &$0) }
    }

    /// Ends everything; the continuation is told once the thread has ended.
    func stop(then continuation: CheckedContinuation<Void, Never>?) {
        let hasEnded = state.withLock { state -> Bool in
            state.isStopped = true
            guard let multi = state.multi else { return true }
            if let continuation { state.whenStopped.append(continuation) }
            curl_multi_wakeup(multi.handle)
            return false
        }
        if hasEnded { continuation?.resume() }
    }

    private func post(_ order: Order, _ state: inout State) {
        // Without a thread there is nothing that could be cancelled or resumed.
        guard let multi = state.multi else { return }
        let wasEmpty = state.orders.isEmpty
        state.orders.append(order)
        if wasEmpty { curl_multi_wakeup(multi.handle) }
    }

    private func startThread(_ state: inout State) -> HTTPClientError? {
        guard state.multi == nil else { return nil }
        guard CurlLibrary.isReady, let handle = curl_multi_init() else {
            return .failed(code: Int(CURLE_FAILED_INIT.rawValue), "libcurl cannot be initialized")
        }
        shopfn_curl_multi_set_long(handle, CURLMOPT_MAX_HOST_CONNECTIONS, configuration.maxConnectionsPerHost)
        shopfn_curl_multi_set_long(handle, CURLMOPT_MAXCONNECTS, configuration.maxConnectionsPerHost * 2)
        let multi = Multi(handle: handle)
        guard LoopThread.start({ self.run(multi) }) else {
            curl_multi_cleanup(handle)
            return .failed(code: Int(CURLE_FAILED_INIT.rawValue), "the system gives no further thread")
        }
        state.multi = multi
        return nil
    }

    // MARK: On the thread

    private func run(_ multi: Multi) {
        var transfers: [UInt64: Transfer] = [:]
        let handles = EasyHandles()
        while let orders = takeOrders() {
            for order in orders { follow(order, multi, handles, &transfers) }
            var running: Int32 = 0
            curl_multi_perform(multi.handle, &running)
            finishTransfers(multi, &transfers)
            // Wakes for sockets, for libcurl's own timers and for orders; the limit is only a safeguard.
            curl_multi_poll(multi.handle, nil, 0, 60_000, nil)
        }
        end(multi, handles, &transfers)
    }

    /// What was ordered since, `nil` once the loop is to end.
    private func takeOrders() -> [Order]? {
        state.withLock { state in
            guard !state.isStopped else { return nil }
            let orders = state.orders
            state.orders.removeAll(keepingCapacity: true)
            return orders
        }
    }

    private func follow(
        _ order: Order,
        _ multi: Multi,
        _ handles: EasyHandles,
        _ transfers: inout [UInt64: Transfer]
    ) {
        switch order {
        case .start(let plan):
            do throws(HTTPClientError) {
                if plan.ticket.isCancelled { throw .cancelled }
                let transfer = try Transfer(plan, configuration: configuration, handles: handles)
                guard curl_multi_add_handle(multi.handle, transfer.easy) == CURLM_OK else {
                    throw .failed(code: Int(CURLE_FAILED_INIT.rawValue), "libcurl does not take the transfer")
                }
                transfers[plan.ticket.id] = transfer
            } catch {
                leave()
                plan.receiver.fail(error)
            }
        case .cancel(let id):
            guard let transfer = transfers.removeValue(forKey: id) else { return }
            curl_multi_remove_handle(multi.handle, transfer.easy)
            leave()
            transfer.fail(.cancelled)
        case .resume(let id):
            if let transfer = transfers[id] { curl_easy_pause(transfer.easy, CURLPAUSE_CONT) }
        }
    }

    private func finishTransfers(_ multi: Multi, _ transfers: inout [UInt64: Transfer]) {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi.handle, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle else { continue }
            // Read before the handle is removed, which ends the message's life.
            let code = shopfn_curl_result(message)
            var context: UnsafeMutableRawPointer?
            shopfn_curl_get_pointer(easy, CURLINFO_PRIVATE, &context)
            curl_multi_remove_handle(multi.handle, easy)
            guard let context else { continue }
            let transfer = Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
            transfers[transfer.ticket.id] = nil
            leave()
            transfer.finish(code)
        }
    }

    private func leave() {
        state.withLock { $0.pending -= 1 }
    }

    private func end(_ multi: Multi, _ handles: EasyHandles, _ transfers: inout [UInt64: Transfer]) {
        for transfer in transfers.values {
            curl_multi_remove_handle(multi.handle, transfer.easy)
            transfer.fail(.closed)
        }
        transfers.removeAll()
        handles.clear()
        let (orders, waiting) = state.withLock { state in
            let taken = (state.orders, state.whenStopped)
            state.orders = []
            state.whenStopped = []
            state.multi = nil
            return taken
        }
        for case .start(let plan) in orders { plan.receiver.fail(.closed) }
        curl_multi_cleanup(multi.handle)
        for continuation in waiting { continuation.resume() }
    }
}

/// libcurl as a whole, made ready once in a process.
///
/// A worker uses it first after it was forked, so nothing of it is shared with another process.
enum CurlLibrary {
    static let isReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK
}

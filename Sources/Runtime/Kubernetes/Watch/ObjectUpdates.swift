import HTTPTransfer

/// What somebody who keeps up with a resource hears.
package enum ObjectUpdate: Sendable {
    /// All there are: what was known before and is not among them is gone.
    case listed([KubernetesObject])
    /// A new object, or one that changed.
    case changed(KubernetesObject)
    /// An object that is no more, in its last state.
    case removed(KubernetesObject)
    /// The server cannot be reached or refuses; it is tried again by itself.
    case failed(KubernetesError)
}

/// All objects of a resource, and then every change; ends only with its task.
package struct ObjectUpdates: AsyncSequence, Sendable {
    package typealias Element = ObjectUpdate
    package typealias Failure = Never

    let client: KubernetesClient
    let resource: Resource
    let namespace: String
    let selector: Selector

    package func makeAsyncIterator() -> Iterator {
        Iterator(source: self)
    }

    package struct Iterator: AsyncIteratorProtocol {
        private let source: ObjectUpdates
        private var cursor = WatchCursor()
        private var events: WatchStream.Iterator?
        private var began = ContinuousClock.now

        init(source: ObjectUpdates) {
            self.source = source
        }

        package mutating func next() async -> ObjectUpdate? {
            while !Task.isCancelled {
                do throws(KubernetesError) {
                    if let update = try await advance() { return update }
                } catch {
                    events = nil
                    if Task.isCancelled || error == .transfer(.closed) { return nil }
                    if cursor.failed(error) { return .failed(error) }
                }
            }
            return nil
        }

        private mutating func advance() async throws(KubernetesError) -> ObjectUpdate? {
            if events == nil, cursor.delay > .zero {
                do {
                    // Apart from one another, so that a server that comes back is not asked by all at once.
                    try await Task.sleep(for: cursor.delay * Double.random(in: 0.75...1.25))
                } catch {
                    return nil
                }
            }
            switch cursor.step {
            case .list:
                let list = try await source.client.list(
                    source.resource,
                    in: source.namespace,
                    matching: source.selector
                )
                cursor.listed(list.resourceVersion)
                return .listed(list.items)
            case .watch(let version):
                if events == nil { try await open(since: version) }
                guard var events else { return nil }
                let event = try await events.next()
                self.events = event == nil ? nil : events
                guard let event else {
                    cursor.ended(wasShort: .now - began < .seconds(1))
                    return nil
                }
                return take(event)
            }
        }

        private mutating func open(since version: String) async throws(KubernetesError) {
            began = .now
            // Not all at the same moment.
            let timeout = Duration.seconds(Int.random(in: 240...360))
            let stream = try await source.client.watch(
                source.resource,
                in: source.namespace,
                matching: source.selector,
                since: version,
                timeout: timeout
            )
            events = stream.makeAsyncIterator()
        }

        private mutating func take(_ event: WatchEvent) -> ObjectUpdate? {
            switch event {
            case .added(let object), .modified(let object):
                cursor.reached(object.resourceVersion ?? "")
                return .changed(object)
            case .deleted(let object):
                cursor.reached(object.resourceVersion ?? "")
                return .removed(object)
            case .bookmark(let version):
                cursor.reached(version)
                return nil
            }
        }
    }
}
